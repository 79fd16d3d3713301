import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../api/problem'
import { getRoom, joinRoom } from '../api/rooms'
import type { Pass, Room } from '../api/types'
import { type Live, type MediaListener, NoMedia, SILENT } from './media/live'
import { later } from './testing/later'
import { Visit } from './visit.svelte'

vi.mock('../api/rooms', () => ({ getRoom: vi.fn(), joinRoom: vi.fn(), joinAsGuest: vi.fn(), unmuteSelf: vi.fn() }))
// The room socket has tests of its own.
vi.mock('./socket', () => ({ RoomSocket: class { stop() {} } }))

const { connect, media } = vi.hoisted(() => ({
  connect: vi.fn(),
  media: { setMicrophone: vi.fn(), changeMode: vi.fn(), startAudio: vi.fn(), soundArrived: vi.fn(), useDevice: vi.fn(), leave: vi.fn() },
}))
vi.mock('./media/livekit', () => ({ Media: { connect } }))

const onStage: Live = { ...SILENT, link: 'connected', canPublish: true }
const refusal = new Problem({ status: 403, kind: 'banned', detail: 'The host has removed you from this room.' })

let visit: Visit
let sound: MediaListener

beforeEach(async () => {
  vi.useFakeTimers()
  vi.resetAllMocks()
  vi.mocked(getRoom).mockResolvedValue({ status: 'live' } as Room)
  vi.mocked(joinRoom).mockResolvedValue({ url: '/', token: 't', identity: 'me' } as Pass)
  connect.mockImplementation(async (_url: string, _token: string, on: MediaListener) => {
    sound = on
    on.changed(onStage)
    return media
  })
  visit = new Visit('r')
  await visit.join()
})

afterEach(() => {
  visit.close()
  vi.useRealTimers()
})

const passing = (ms = 30_000) => vi.advanceTimersByTimeAsync(ms)

it('goes in with the pass the server gave', () => {
  expect(connect).toHaveBeenCalledWith('/', 't', expect.anything(), expect.any(AbortSignal))
  expect(visit.phase).toBe('inside')
})

it('stays outside with the server’s sentence when refused', async () => {
  await visit.leave()
  vi.mocked(joinRoom).mockRejectedValue(refusal)
  await visit.join()
  expect(visit.phase).toBe('outside')
  expect(visit.refusal).toBe(refusal)
})

it('asks for a fresh pass when the sound is lost, and turns a microphone on again that was on', async () => {
  await visit.setMicrophone(true)
  vi.mocked(joinRoom).mockRejectedValueOnce(new Problem({ status: 503, detail: 'Starting.' }))
  sound.lost('dropped')
  expect(visit.phase).toBe('rejoining')
  expect(visit.reconnecting).toBe(true)
  await passing()
  expect(visit.phase).toBe('inside')
  expect(joinRoom).toHaveBeenCalledTimes(3)
  expect(media.setMicrophone).toHaveBeenLastCalledWith(true, 'speech')
  expect(media.setMicrophone).toHaveBeenCalledTimes(2)
})

it('leaves a microphone off that was off, or whose right was taken meanwhile', async () => {
  sound.lost('dropped')
  await passing()
  expect(media.setMicrophone).not.toHaveBeenCalled()

  await visit.setMicrophone(true)
  sound.changed({ ...onStage, canPublish: false })
  sound.lost('dropped')
  await passing()
  expect(media.setMicrophone).toHaveBeenCalledTimes(1)
})

it('forgets with the visit that the microphone was on', async () => {
  await visit.setMicrophone(true)
  await visit.leave()
  await visit.join()
  sound.lost('dropped')
  await passing()
  expect(visit.phase).toBe('inside')
  expect(media.setMicrophone).toHaveBeenCalledTimes(1)
})

it('does not come back after a ban', async () => {
  vi.mocked(joinRoom).mockRejectedValue(refusal)
  sound.lost('dropped')
  await passing()
  expect(visit.phase).toBe('outside')
  expect(visit.refusal).toBe(refusal)
  expect(joinRoom).toHaveBeenCalledTimes(2)
})

it('does not fight another window for the seat', async () => {
  sound.lost('replaced')
  await passing()
  expect(visit.phase).toBe('outside')
  expect(visit.refusal?.kind).toBe('replaced')
  expect(joinRoom).toHaveBeenCalledTimes(1)
})

it('goes out when the room has ended', async () => {
  vi.mocked(getRoom).mockResolvedValue({ status: 'ended' } as Room)
  await passing(11_000)
  expect(visit.phase).toBe('outside')
  expect(media.leave).toHaveBeenCalled()
})

it('shows no refusal when it was the end of the room that cut the sound', async () => {
  vi.mocked(joinRoom).mockRejectedValue(new Problem({ status: 410, detail: 'The room has ended.' }))
  vi.mocked(getRoom).mockResolvedValue({ status: 'ended' } as Room)
  sound.lost('dropped')
  await passing()
  expect(visit.phase).toBe('outside')
  expect(visit.refusal).toBeNull()
})

it('does not come back once the person left', async () => {
  sound.lost('dropped')
  await visit.leave()
  await passing()
  expect(visit.phase).toBe('outside')
  expect(joinRoom).toHaveBeenCalledTimes(1)
})

describe('when no sound comes through', () => {
  const somebodySpeaks: Live = { ...onStage, people: { other: { micOn: true, speaking: false } } }

  it('says so after ten seconds, and no longer once it comes', async () => {
    media.soundArrived.mockResolvedValue(false)
    sound.changed(somebodySpeaks)
    await passing(9_000)
    expect(visit.noMedia).toBe(false)
    await passing(1_000)
    expect(visit.noMedia).toBe(true)
    media.soundArrived.mockResolvedValue(true)
    await passing(1_000)
    expect(visit.noMedia).toBe(false)
  })

  it('expects none while nobody else speaks', async () => {
    sound.changed({ ...onStage, people: { me: { micOn: true, speaking: true }, other: { micOn: false, speaking: false } } })
    await passing()
    expect(visit.noMedia).toBe(false)
  })

  it('says so while it is still connecting, and afterwards', async () => {
    await visit.leave()
    const never = later<never>()
    connect.mockReturnValueOnce(never.promise)
    visit.join()
    await passing(10_000)
    expect([visit.phase, visit.noMedia]).toEqual(['joining', true])
    never.reject(new NoMedia('could not establish pc connection'))
    await passing(0)
    expect([visit.phase, visit.noMedia]).toEqual(['outside', true])
    await visit.join()
    expect([visit.phase, visit.noMedia]).toEqual(['inside', false])
  })

  it('joins anew when asked, and is not disturbed by the attempt it gave up', async () => {
    await visit.leave()
    const never = later<never>()
    connect.mockReturnValueOnce(never.promise)
    visit.join()
    await passing(10_000)
    await visit.joinAgain()
    never.reject(new NoMedia('aborted'))
    await passing(0)
    expect([visit.phase, visit.noMedia, visit.refusal]).toEqual(['inside', false, null])
  })

  it('turns a microphone on again that was on', async () => {
    await visit.setMicrophone(true)
    await visit.joinAgain()
    expect(media.setMicrophone).toHaveBeenCalledTimes(2)
  })
})
