import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { later } from '../testing/later'
import { MicCheck } from './check.svelte'

const { stopMeter } = vi.hoisted(() => ({ stopMeter: vi.fn() }))
vi.mock('./meter', () => ({ measure: () => ({ stop: stopMeter }) }))

class FakeTrack {
  readyState = 'live'
  constructor(readonly deviceId: string) {}
  stop() {
    this.readyState = 'ended'
  }
  getSettings() {
    return { deviceId: this.deviceId }
  }
}

const streamOf = (track: FakeTrack) => ({ getTracks: () => [track], getAudioTracks: () => [track] })
const named = (name: string) => Object.assign(new Error(name), { name })
const device = (kind: string, deviceId: string) => ({ kind, deviceId, label: deviceId })

let permission: EventTarget & { state: string }
let devices: EventTarget & { getUserMedia: ReturnType<typeof vi.fn>; enumerateDevices: () => Promise<object[]> }
let opened: FakeTrack[]
let check: MicCheck

beforeEach(() => {
  stopMeter.mockReset()
  opened = []
  permission = Object.assign(new EventTarget(), { state: 'prompt' })
  devices = Object.assign(new EventTarget(), {
    getUserMedia: vi.fn(async ({ audio }: { audio: { deviceId?: { exact: string } } }) => {
      opened.push(new FakeTrack(audio.deviceId?.exact ?? 'built-in'))
      return streamOf(opened.at(-1) as FakeTrack)
    }),
    enumerateDevices: async () => [device('audioinput', 'built-in'), device('audiooutput', 'desk'), device('videoinput', 'eye')],
  })
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('HTMLMediaElement', class { setSinkId() {} })
  vi.stubGlobal('navigator', { mediaDevices: devices, permissions: { query: async () => permission } })
  check = new MicCheck()
})

afterEach(() => {
  check.close()
  vi.unstubAllGlobals()
})

it('opens the microphone, lists what there is, and lets go of it', async () => {
  await check.begin(true)
  expect(check.phase).toBe('open')
  expect(check.microphone).toBe('built-in')
  expect([check.microphones.length, check.speakers.length]).toEqual([1, 1])
  check.close()
  expect(opened[0]?.readyState).toBe('ended')
  expect(stopMeter).toHaveBeenCalled()
})

it('does not make the browser ask unbidden, but opens what was allowed before', async () => {
  await check.begin(false)
  expect(devices.getUserMedia).not.toHaveBeenCalled()
  permission.state = 'granted'
  permission.dispatchEvent(new Event('change'))
  await vi.waitFor(() => expect(check.phase).toBe('open'))
})

it('lets go of a microphone that is granted after the panel closed', async () => {
  const late = later<object>()
  devices.getUserMedia.mockReturnValueOnce(late.promise)
  const begun = check.begin(true)
  await vi.waitFor(() => expect(devices.getUserMedia).toHaveBeenCalled())
  check.close()
  const track = new FakeTrack('built-in')
  late.resolve(streamOf(track))
  await begun
  expect(track.readyState).toBe('ended')
})

it('stops one microphone before it takes another', async () => {
  await check.begin(true)
  await check.open('headset')
  expect(opened.map((track) => track.readyState)).toEqual(['ended', 'live'])
  expect(check.microphone).toBe('headset')
})

it('takes the system’s own choice in place of a microphone that is gone', async () => {
  devices.getUserMedia.mockRejectedValueOnce(named('OverconstrainedError'))
  await check.open('headset')
  expect([check.phase, check.microphone]).toEqual(['open', 'built-in'])
})

it('says what to do when denied, and goes on as soon as it is allowed', async () => {
  devices.getUserMedia.mockRejectedValueOnce(named('NotAllowedError'))
  await check.begin(true)
  expect(check.problem?.message).toMatch(/Allow it in the browser/)
  permission.state = 'granted'
  permission.dispatchEvent(new Event('change'))
  await vi.waitFor(() => expect(check.phase).toBe('open'))
  expect(check.problem).toBeNull()
})

it('takes a microphone that is plugged in', async () => {
  devices.getUserMedia.mockRejectedValueOnce(named('NotFoundError'))
  await check.begin(true)
  expect(check.problem?.message).toMatch(/No microphone/)
  devices.dispatchEvent(new Event('devicechange'))
  await vi.waitFor(() => expect(check.phase).toBe('open'))
})

it('takes another one when the one in use is unplugged', async () => {
  await check.begin(true)
  opened[0]?.stop()
  devices.dispatchEvent(new Event('devicechange'))
  await vi.waitFor(() => expect(opened.length).toBe(2))
})

it('blames the address where browsers give no microphone', async () => {
  vi.stubGlobal('isSecureContext', false)
  vi.stubGlobal('navigator', {})
  await check.begin(true)
  expect(check.problem?.message).toMatch(/https/)
})
