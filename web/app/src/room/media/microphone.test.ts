import type { LocalParticipant } from 'livekit-client'
import { expect, it, vi } from 'vitest'
import { setMicrophone } from './microphone'

const gone = Object.assign(new Error(), { name: 'OverconstrainedError' })
const denied = Object.assign(new Error(), { name: 'NotAllowedError' })

function participant() {
  const muted = {}
  const me = { setMicrophoneEnabled: vi.fn(), unpublishTrack: vi.fn(), getTrackPublication: () => ({ track: muted }) }
  return { me, muted, as: me as unknown as LocalParticipant }
}

it('takes the system’s own choice in place of a microphone that is gone', async () => {
  const { me, muted, as } = participant()
  me.setMicrophoneEnabled.mockRejectedValueOnce(gone)
  await setMicrophone(as, true, 'speech')
  expect(me.unpublishTrack).toHaveBeenCalledWith(muted, true)
  expect(me.setMicrophoneEnabled).toHaveBeenLastCalledWith(true, expect.objectContaining({ deviceId: { ideal: 'default' } }), expect.anything())
})

it('does not ask again when denied', async () => {
  const { me, as } = participant()
  me.setMicrophoneEnabled.mockRejectedValueOnce(denied)
  await expect(setMicrophone(as, true, 'speech')).rejects.toBe(denied)
  expect(me.setMicrophoneEnabled).toHaveBeenCalledTimes(1)
})

it('keeps the settings of a mode free of what LiveKit writes into them', async () => {
  const { me, as } = participant()
  me.setMicrophoneEnabled.mockImplementation(async (_on: boolean, capture: { deviceId?: string }) => (capture.deviceId = 'headset'))
  await setMicrophone(as, true, 'speech')
  me.setMicrophoneEnabled.mockClear()
  me.setMicrophoneEnabled.mockResolvedValue(undefined)
  await setMicrophone(as, true, 'speech')
  expect(me.setMicrophoneEnabled.mock.calls[0]?.[1]).not.toHaveProperty('deviceId')
})
