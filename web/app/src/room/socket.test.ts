import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { farewellOf, pauseBefore, RoomSocket } from './socket'

class FakeSocket {
  static all: FakeSocket[] = []
  onmessage?: (event: { data: string }) => void
  onclose?: (event: { code: number; reason: string }) => void
  close = vi.fn()
  constructor(readonly url: URL) {
    FakeSocket.all.push(this)
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

const entry = (seq: number) => ({ seq, kind: 'notice', at: '' })
const on = { anew: vi.fn(), state: vi.fn(), captions: vi.fn(), you: vi.fn(), saying: vi.fn(), log: vi.fn(), connected: vi.fn(), refused: vi.fn(), over: vi.fn() }
let socket: RoomSocket
const last = () => FakeSocket.all.at(-1) as FakeSocket

beforeEach(() => {
  vi.useFakeTimers()
  vi.resetAllMocks()
  FakeSocket.all = []
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('location', { href: 'https://salon.example/r/x' })
  vi.stubGlobal('addEventListener', vi.fn())
  vi.stubGlobal('removeEventListener', vi.fn())
  socket = new RoomSocket('x', on)
})

afterEach(() => {
  socket.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('resumes after the last entry it has, and takes none twice', async () => {
  last().say({ type: 'hello', epoch: 'e', seq: 2, resumed: false })
  last().say({ type: 'log', entries: [entry(1), entry(2)] })
  last().onclose?.({ code: 1006, reason: '' })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(last().url.search).toBe('?epoch=e&after=2')
  last().say({ type: 'hello', epoch: 'e', seq: 3, resumed: true })
  last().say({ type: 'log', entries: [entry(2), entry(3)] })
  expect(on.anew).toHaveBeenCalledTimes(1)
  expect(on.log.mock.calls.flat(2).map((one) => one.seq)).toEqual([1, 2, 3])
})

it('begins anew when the log is another', async () => {
  last().say({ type: 'hello', epoch: 'e', seq: 9, resumed: false })
  last().say({ type: 'log', entries: [entry(9)] })
  last().onclose?.({ code: 3008, reason: '' })
  await vi.advanceTimersByTimeAsync(1_000)
  last().say({ type: 'hello', epoch: 'f', seq: 1, resumed: false })
  last().say({ type: 'log', entries: [entry(1)] })
  expect(on.anew).toHaveBeenCalledTimes(2)
  expect(on.log).toHaveBeenLastCalledWith([entry(1)])
})

it('stops when told to, and says why', async () => {
  last().say({ type: 'hello', epoch: 'e', seq: 0, resumed: false })
  last().onclose?.({ code: 4403, reason: 'banned' })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(on.over).toHaveBeenCalledWith('stop', 'banned')
  expect(FakeSocket.all).toHaveLength(1)
})

it('tells when it cannot even be opened, and tries again', async () => {
  last().onclose?.({ code: 1006, reason: '' })
  expect(on.refused).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(FakeSocket.all).toHaveLength(2)
})

it('waits longer each time, and spreads a crowd over the window the server names', () => {
  expect(pauseBefore(0, 0, () => 1)).toBe(500)
  expect(pauseBefore(3, 0, () => 1)).toBe(4_000)
  expect(pauseBefore(20, 0, () => 1)).toBe(15_000)
  expect(pauseBefore(0, 8_000, () => 0.5)).toBe(4_000)
  expect([farewellOf(1006), farewellOf(4401), farewellOf(4410)]).toEqual(['resume', 'sign-in', 'stop'])
})
