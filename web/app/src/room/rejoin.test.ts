import { describe, expect, it, vi } from 'vitest'
import { Problem } from '../api/problem'
import { backOff, pause, rejoin } from './rejoin'

const atOnce = async () => {}
const banned = new Problem({ status: 403, kind: 'banned', detail: 'You were banned from this room.' })
const down = new Problem({ status: 503, detail: 'The media server is starting.' })

describe('backOff', () => {
  it('doubles, is jittered, and has a ceiling', () => {
    expect([0, 1, 2, 9].map((n) => backOff(n, () => 1))).toEqual([300, 600, 1200, 10_000])
    expect(backOff(9, () => 0)).toBe(5_000)
  })
})

describe('rejoin', () => {
  it('goes on while the trouble may pass', async () => {
    const enter = vi.fn().mockRejectedValueOnce(down).mockRejectedValueOnce(new Error('socket')).mockResolvedValue(undefined)
    expect(await rejoin(enter, new AbortController().signal, atOnce)).toBeNull()
    expect(enter).toHaveBeenCalledTimes(3)
  })

  it('stops at a refusal and hands over its sentence', async () => {
    const enter = vi.fn().mockRejectedValueOnce(down).mockRejectedValue(banned)
    expect(await rejoin(enter, new AbortController().signal, atOnce)).toBe(banned)
    expect(enter).toHaveBeenCalledTimes(2)
  })

  it('does not come back for somebody who left meanwhile', async () => {
    const leaving = new AbortController()
    const enter = vi.fn()
    const back = rejoin(enter, leaving.signal, async () => leaving.abort())
    expect(await back).toBeNull()
    expect(enter).not.toHaveBeenCalled()
  })
})

it('pause ends early when told to', async () => {
  const leaving = new AbortController()
  const waited = pause(60_000, leaving.signal)
  leaving.abort()
  await waited
})
