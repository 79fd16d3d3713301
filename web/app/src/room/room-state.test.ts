import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { getRoom } from '../api/rooms'
import type { Room } from '../api/types'
import { PACE, watchRoom } from './room-state'

vi.mock('../api/rooms', () => ({ getRoom: vi.fn() }))

const on = { room: vi.fn(), problem: vi.fn() }

beforeEach(() => {
  vi.useFakeTimers()
  vi.mocked(getRoom).mockReset().mockResolvedValue({ title: 'Night talk' } as Room)
})
afterEach(() => {
  vi.useRealTimers()
  vi.clearAllMocks()
})

const passing = (ms: number) => vi.advanceTimersByTimeAsync(ms)

it('looks at once, then at its pace', async () => {
  const watch = watchRoom('r', on)
  await passing(0)
  expect(on.room).toHaveBeenCalledTimes(1)
  await passing(PACE.outside)
  expect(on.room).toHaveBeenCalledTimes(2)
  watch.pace(PACE.inside)
  await passing(PACE.inside)
  expect(on.room).toHaveBeenCalledTimes(4)
  watch.stop()
})

it('never looks twice at a time, and a refresh sees what happened before it', async () => {
  const answers: ((room: Room) => void)[] = []
  vi.mocked(getRoom).mockImplementation(() => new Promise((resolve) => answers.push(resolve)))
  const watch = watchRoom('r', on)
  const done = vi.fn()
  watch.refresh().then(done)
  watch.refresh()
  expect(getRoom).toHaveBeenCalledTimes(1)
  answers[0]!({ title: 'old' } as Room)
  await passing(0)
  expect(done).not.toHaveBeenCalled()
  expect(getRoom).toHaveBeenCalledTimes(2)
  answers[1]!({ title: 'new' } as Room)
  await passing(0)
  expect(done).toHaveBeenCalled()
  expect(on.room).toHaveBeenLastCalledWith({ title: 'new' })
  watch.stop()
})

it('tells of a failure and goes on', async () => {
  vi.mocked(getRoom).mockRejectedValueOnce(new Error('cable cut'))
  const watch = watchRoom('r', on)
  await passing(PACE.outside)
  expect(on.problem).toHaveBeenCalledTimes(1)
  expect(on.room).toHaveBeenCalledTimes(1)
  watch.stop()
})

it('is silent once stopped', async () => {
  const watch = watchRoom('r', on)
  watch.stop()
  await passing(PACE.outside * 2)
  expect(getRoom).toHaveBeenCalledTimes(1)
  expect(on.room).not.toHaveBeenCalled()
})
