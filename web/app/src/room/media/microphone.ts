import { type AudioCaptureOptions, AudioPresets, type LocalParticipant, Track, type TrackPublishOptions } from 'livekit-client'
import { isGone } from './devices'
import type { MicMode } from './live'

interface Settings {
  capture: AudioCaptureOptions
  publish: TrackPublishOptions
}

/** Speech is cleaned and sent sparingly; music is sent as it sounds, in stereo. */
const settings: Record<MicMode, Settings> = {
  speech: {
    capture: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    publish: { audioPreset: AudioPresets.speech, dtx: true, red: true, forceStereo: false },
  },
  music: {
    capture: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, voiceIsolation: false, channelCount: 2 },
    publish: { audioPreset: AudioPresets.musicHighQualityStereo, dtx: false, red: false, forceStereo: true },
  },
}

/** Where the chosen microphone is gone, the system's own choice takes its place. */
export async function setMicrophone(me: LocalParticipant, on: boolean, mode: MicMode) {
  const { capture, publish } = settings[mode]
  try {
    await me.setMicrophoneEnabled(on, { ...capture }, publish) // a copy, for LiveKit writes the device into it
  } catch (thrown) {
    if (!isGone(thrown)) throw thrown
    await dropMicrophone(me) // a muted track would ask for the device that is gone again
    await me.setMicrophoneEnabled(on, { ...capture, deviceId: { ideal: 'default' } }, publish)
  }
}

/** Published tracks keep the mode they began with, so another mode needs another track. */
export async function changeMode(me: LocalParticipant, mode: MicMode) {
  const on = me.isMicrophoneEnabled
  await dropMicrophone(me)
  if (on) await setMicrophone(me, true, mode)
}

/** Lets go of the device and of the track. */
export async function dropMicrophone(me: LocalParticipant) {
  const track = me.getTrackPublication(Track.Source.Microphone)?.track
  if (track) await me.unpublishTrack(track, true)
}
