import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Written } from '../../api/captions'
import { Drafts } from './drafts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const line = (text: string): Written => ({ segment: 's', speaker: 'a', text })

it('sends the newest draft, one at a time', async () => {
  const sent: string[] = []
  let answer = () => {}
  const drafts = new Drafts(({ text }) => {
    sent.push(text)
    return new Promise<void>((resolve) => (answer = resolve))
  })
  for (const text of ['h', 'he', 'hel']) drafts.show(line(text))
  await vi.advanceTimersByTimeAsync(300)
  expect(sent).toEqual(['hel'])
  drafts.show(line('hell'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent, 'the server has not answered').toEqual(['hel'])
  drafts.show(line('hello'))
  answer()
  await vi.advanceTimersByTimeAsync(300)
  expect(sent).toEqual(['hel', 'hello'])
})

it('sends nothing once the line itself is sent', async () => {
  const send = vi.fn(async () => undefined)
  const drafts = new Drafts(send)
  drafts.show(line('hello'))
  drafts.drop()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(send).not.toHaveBeenCalled()
})

it('goes on after a draft that was refused', async () => {
  const send = vi.fn(async () => Promise.reject(new Error('refused')))
  const drafts = new Drafts(send)
  drafts.show(line('a'))
  await vi.advanceTimersByTimeAsync(300)
  drafts.show(line('ab'))
  await vi.advanceTimersByTimeAsync(300)
  expect(send).toHaveBeenCalledTimes(2)
})
