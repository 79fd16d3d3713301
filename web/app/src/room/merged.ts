import type { Person, Room, RoomState, You } from '../api/types'

/** How many are in the room. */
export type Crowd = Pick<Room, 'listeners' | 'guests' | 'hands'>

/**
 * The room as the page shows it: the listeners of the last look, and what the socket told since about everything else.
 * How many are there is what was heard last, by the one or the other: nobody tells of people who just go.
 */
export function merged(seen: Room | null, state: RoomState | null, you: You | null, crowd: Crowd): Room | null {
  if (!state) return seen
  const others = listeners(seen?.people ?? [], state, you)
  const { listeners: count, guests, hands } = crowd
  return { ...state.room, people: [...state.stage, ...others], listeners: count, guests, hands, me: you?.me ?? seen?.me }
}

function listeners(seen: Person[], state: RoomState, you: You | null): Person[] {
  const stage = new Set(state.stage.map((person) => person.account_id))
  const queue = new Map((you?.queue ?? []).map((person) => [person.account_id, person]))
  const known = seen.filter((person) => !stage.has(person.account_id))
  const there = new Set(known.map((person) => person.account_id))
  const fresh = [...queue.values()].filter((person) => !there.has(person.account_id) && !stage.has(person.account_id))
  return [...known.map((person) => queue.get(person.account_id) ?? handDown(person)), ...fresh]
}

/** Whoever is not in the queue has no hand up, whatever an older look said. */
const handDown = (person: Person): Person => ({ ...person, role: 'listener', hand_raised_at: undefined, question: undefined })
