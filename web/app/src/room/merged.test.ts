import { expect, it } from 'vitest'
import type { Person, Room, RoomState, You } from '../api/types'
import { merged } from './merged'

const person = (account_id: string, more: Partial<Person> = {}): Person => ({
  account_id, handle: account_id, display_name: account_id, identity: account_id, role: 'listener', muted: false, banned: false, ...more,
})
const seen = { title: 'old', people: [person('ada', { hand_raised_at: 'then' }), person('bob')] } as unknown as Room
const state = { room: { title: 'new' }, stage: [person('bob', { role: 'speaker' })], listeners: 1, guests: 2, hands: 1 } as RoomState

it('is the last look until the socket speaks', () => {
  expect(merged(seen, null, null, {})).toBe(seen)
})

it('takes the stage from the socket, listeners from the look, and their number from what came last', () => {
  const room = merged(seen, state, { may: [] }, { listeners: 3, guests: 4, hands: 1 })
  expect(room).toMatchObject({ title: 'new', listeners: 3, guests: 4 })
  expect(room?.people?.map((one) => [one.account_id, one.role])).toEqual([['bob', 'speaker'], ['ada', 'listener']])
  expect(room?.people?.at(1)?.hand_raised_at).toBeUndefined()
})

it('shows who is in the queue though the look was too early', () => {
  const you: You = { may: ['read-queue'], queue: [person('cy', { hand_raised_at: 'now', question: 'why?' })] }
  expect(merged(seen, state, you, state)?.people?.at(-1)).toMatchObject({ account_id: 'cy', question: 'why?' })
})
