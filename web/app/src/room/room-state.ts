import { asProblem, type Problem } from '../api/problem'
import { getRoom } from '../api/rooms'
import type { Room } from '../api/types'

/** Milliseconds between two looks at the room; inside, the room socket tells what is new, and the look lists who listens. */
export const PACE = { inside: 10_000, outside: 5_000 } as const

export interface RoomWatch {
  /** Looks now; resolves when a look that began after the call is done. */
  refresh(): Promise<void>
  pace(every: number): void
  stop(): void
}

interface Listener {
  room(room: Room): void
  problem(problem: Problem): void
}

/** Follows a room's rows. Only this module knows that it asks again and again. */
export function watchRoom(id: string, on: Listener, every: number = PACE.outside): RoomWatch {
  let timer: ReturnType<typeof setTimeout> | undefined
  let looking: Promise<void> | null = null
  let next: Promise<void> | null = null
  let stopped = false

  async function look() {
    clearTimeout(timer)
    try {
      const room = await getRoom(id)
      if (!stopped) on.room(room)
    } catch (thrown) {
      if (!stopped) on.problem(asProblem(thrown))
    }
    looking = null
    if (!stopped) timer = setTimeout(refresh, every)
  }

  function refresh(): Promise<void> {
    if (stopped) return Promise.resolve()
    if (!looking) return (looking = look())
    next ??= looking.then(() => {
      next = null
      return refresh()
    })
    return next
  }

  refresh()
  return {
    refresh,
    pace(ms) {
      every = ms
      refresh()
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
