import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { USUAL } from './look'
import { CaptionLook } from './look.svelte'

/** What the device keeps, and what the account's server does. */
let device: Map<string, string>
let account: object | undefined
let down: boolean
const puts: object[] = []

beforeEach(() => {
  vi.useFakeTimers()
  device = new Map()
  account = undefined
  down = false
  puts.length = 0
  vi.stubGlobal('localStorage', { getItem: (key: string) => device.get(key) ?? null, setItem: (key: string, text: string) => device.set(key, text) })
  vi.stubGlobal('fetch', async (_: string, { method, body }: { method: string; body?: string }) => {
    if (down) throw new TypeError('no network')
    if (method === 'GET') return Response.json({ look: account })
    account = JSON.parse(body ?? '')
    puts.push(account as object)
    return new Response(null, { status: 204 })
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** The page opened anew. */
const opened = () => new CaptionLook()

it('keeps the look of whoever is not signed in on the device, and tells nobody', async () => {
  const look = opened()
  await look.of(undefined)
  look.change({ size: 200 })
  await vi.runAllTimersAsync()
  expect(opened().now).toEqual({ ...USUAL, size: 200 })
  expect(puts).toEqual([])
})

it('tells the account once the changes are over, and takes its look on another device', async () => {
  const look = opened()
  await look.of('me')
  for (const size of [150, 175, 200]) look.change({ size })
  expect(puts).toEqual([])
  await vi.runAllTimersAsync()
  expect(puts).toEqual([{ ...USUAL, size: 200 }])

  device.clear()
  const other = opened()
  expect(other.now).toEqual(USUAL)
  await other.of('me')
  expect(other.now.size).toBe(200)
  await other.of(undefined)
  expect(other.now, 'signed out, it is the device’s again').toEqual(USUAL)
})

it('begins as the device looks where the account never chose', async () => {
  const look = opened()
  look.change({ size: 250 })
  await look.of('me')
  await vi.runAllTimersAsync()
  expect([look.now.size, puts]).toEqual([250, []])
})

it('does not lose a change the account did not get to know', async () => {
  account = { ...USUAL, size: 100 }
  const look = opened()
  await look.of('me')
  expect(look.now.size).toBe(100)
  down = true
  look.change({ size: 300 })
  await vi.runAllTimersAsync()
  down = false
  const again = opened()
  await again.of('me')
  expect([again.now.size, account]).toEqual([300, { ...USUAL, size: 300 }])
})

it('keeps whether captions are shown on the device alone', async () => {
  const look = opened()
  await look.of('me')
  look.show(false)
  await vi.runAllTimersAsync()
  const again = opened()
  await again.of('me')
  expect([again.shown, puts]).toEqual([false, []])
})
