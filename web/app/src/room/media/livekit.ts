// The only module that speaks to LiveKit. It is loaded when somebody joins, and livekit-client with it.
import { type ConnectionState, DisconnectReason, Room, RoomEvent } from 'livekit-client'
import { playRemoteAudio, receivesAudio } from './audio-out'
import { type DeviceKind, exactly, keptDevice } from './devices'
import { type Live, type LivePerson, type MediaListener, type MicMode, NoMedia } from './live'
import { changeMode, dropMicrophone, setMicrophone } from './microphone'

declare global {
  interface Window {
    /** The LiveKit room of this page, for debugging in the console. */
    salonRoom?: Room
  }
}

const SEEN = [
  RoomEvent.ConnectionStateChanged,
  RoomEvent.ActiveSpeakersChanged,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.AudioPlaybackStatusChanged,
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantPermissionsChanged,
  RoomEvent.ParticipantAttributesChanged,
  RoomEvent.Reconnected,
] as const

/** One connection to the sound of one room. */
export class Media {
  readonly #room = new Room({
    adaptiveStream: false,
    dynacast: false,
    webAudioMix: false,
    // With livekit-client 2.23.0 and one peer connection, two of three joins in Chromium 156 failed their first offer
    // ("Transceiver not found") and had to repeat it; with two connections none did, and sound came as soon.
    singlePeerConnection: false,
    publishDefaults: { stopMicTrackOnMute: true },
    // A speaker that is gone gives way to the system's own choice; for a microphone, setMicrophone sees to it.
    audioCaptureDefaults: { deviceId: exactly(keptDevice('audioinput')) },
    audioOutput: { deviceId: keptDevice('audiooutput') || undefined },
  })
  readonly #on: MediaListener
  #over = false
  #arrived = false

  /** Connects with the pass the server gave, unless the signal says stop; url may be relative to this page. */
  static async connect(url: string, token: string, on: MediaListener, signal: AbortSignal): Promise<Media> {
    const media = new Media(on)
    window.salonRoom = media.#room
    await media.#open(new URL(url, location.href).href, token, signal)
    media.#room.on(RoomEvent.Disconnected, (reason) => media.#gone(reason))
    media.#changed()
    return media
  }

  private constructor(on: MediaListener) {
    this.#on = on
    playRemoteAudio(this.#room)
    for (const event of SEEN) this.#room.on(event, () => this.#changed())
    this.#room.on(RoomEvent.ParticipantPermissionsChanged, () => this.#letGoIfNotAllowed())
  }

  setMicrophone(on: boolean, mode: MicMode) {
    return setMicrophone(this.#room.localParticipant, on, mode)
  }

  changeMode(mode: MicMode) {
    return changeMode(this.#room.localParticipant, mode)
  }

  /** Takes another microphone or speaker at once; an empty id is the system's choice. */
  useDevice(kind: DeviceKind, id: string) {
    if (kind === 'audiooutput') return this.#room.switchActiveDevice(kind, id)
    return this.#room.switchActiveDevice(kind, id || 'default', id !== '')
  }

  /** Whether any sound of others has arrived on this connection. */
  async soundArrived(): Promise<boolean> {
    return (this.#arrived ||= await receivesAudio(this.#room))
  }

  /** Must be called from a tap or a key press. */
  startAudio() {
    return this.#room.startAudio()
  }

  leave() {
    this.#over = true
    return this.#room.disconnect()
  }

  async #open(url: string, token: string, signal: AbortSignal) {
    let reached = false
    const giveUp = () => this.leave()
    this.#room.once(RoomEvent.SignalConnected, () => (reached = true))
    signal.addEventListener('abort', giveUp)
    try {
      await this.#room.connect(url, token)
    } catch (thrown) {
      throw reached ? new NoMedia((thrown as Error).message) : thrown
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  #changed() {
    if (!this.#over) this.#on.changed(liveOf(this.#room))
  }

  #gone(reason?: DisconnectReason) {
    if (this.#over || reason === DisconnectReason.CLIENT_INITIATED) return
    this.#over = true
    this.#on.lost(reason === DisconnectReason.DUPLICATE_IDENTITY ? 'replaced' : 'dropped')
  }

  // The server has silenced us already; this puts out the browser's recording light.
  async #letGoIfNotAllowed() {
    const me = this.#room.localParticipant
    if (!me.permissions?.canPublish) await dropMicrophone(me)
  }
}

const links: Record<ConnectionState, Live['link']> = {
  disconnected: 'none',
  connecting: 'none',
  connected: 'connected',
  reconnecting: 'reconnecting',
  signalReconnecting: 'reconnecting',
}

function liveOf(room: Room): Live {
  const me = room.localParticipant
  const people: Record<string, LivePerson> = {}
  for (const person of [me, ...room.remoteParticipants.values()]) {
    people[person.identity] = { micOn: person.isMicrophoneEnabled, speaking: person.isSpeaking && person.isMicrophoneEnabled }
  }
  return {
    people,
    canPublish: me.permissions?.canPublish ?? false,
    micOn: me.isMicrophoneEnabled,
    link: links[room.state],
    playbackBlocked: !room.canPlaybackAudio,
  }
}
