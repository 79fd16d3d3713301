import type { Problem } from '../../api/problem'
import { exactly, isGone, keptDevice } from '../media/devices'
import { micProblem } from '../mic-problem'
import { measure } from './meter'

/** As speech is sent, so that the meter shows what others will get. */
const SPEECH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }

/** One check of the microphone, from the first question to the browser until close. */
export class MicCheck {
  phase = $state<'idle' | 'asking' | 'open'>('idle')
  /** Why there is no microphone. */
  problem = $state.raw<Problem | null>(null)
  microphones = $state.raw<MediaDeviceInfo[]>([])
  /** Empty also where the browser lets no page choose. */
  speakers = $state.raw<MediaDeviceInfo[]>([])
  /** The browser's id of the microphone that is open. */
  microphone = $state('')
  /** How far the meter goes, from 0 to 1. */
  level = $state(0)
  heard = $state(false)

  #stream: MediaStream | null = null
  #meter: ReturnType<typeof measure> | null = null
  /** Whoever opens a microphone later, or closes, overtakes an answer that is still to come. */
  #turn = 0
  readonly #over = new AbortController()

  /** Begins; the browser asks the person only if ask says so. */
  async begin(ask: boolean) {
    const { signal } = this.#over
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#devicesChanged(), { signal })
    const permission = await askedBefore()
    permission?.addEventListener('change', () => this.#permissionIs(permission.state), { signal })
    if (signal.aborted) return
    if (ask || permission?.state === 'granted') await this.open()
  }

  /** Opens a microphone, by default the one that was chosen before, in place of the one that is open. */
  async open(id = keptDevice('audioinput')) {
    const turn = ++this.#turn
    this.#release()
    this.microphone = id
    if (this.phase === 'idle') this.phase = 'asking'
    this.problem = null
    try {
      const stream = await microphoneStream(id)
      if (turn !== this.#turn) return stopAll(stream)
      this.#use(stream)
    } catch (thrown) {
      if (turn !== this.#turn) return
      this.#fail(thrown)
    }
    await this.#list()
  }

  /** Lets go of the microphone and of everything else. */
  close() {
    this.#turn++
    this.#over.abort()
    this.#release()
  }

  #use(stream: MediaStream) {
    const [track] = stream.getAudioTracks()
    this.#stream = stream
    this.microphone = track?.getSettings().deviceId ?? ''
    this.phase = 'open'
    this.#meter = measure(stream, (level, heard) => Object.assign(this, { level, heard }))
  }

  #fail(thrown: unknown) {
    this.#release()
    this.phase = 'idle'
    this.problem = micProblem(thrown)
  }

  async #list() {
    const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? []
    const named = (kind: MediaDeviceKind) => devices.filter((device) => device.kind === kind && device.deviceId)
    this.microphones = named('audioinput')
    this.speakers = 'setSinkId' in HTMLMediaElement.prototype ? named('audiooutput') : []
  }

  // What was unplugged while open is replaced; what was missing may be there now.
  async #devicesChanged() {
    await this.#list()
    if (this.#over.signal.aborted) return
    const lost = this.#stream?.getAudioTracks().some((track) => track.readyState === 'ended')
    if (lost || this.problem) await this.open()
  }

  #permissionIs(state: PermissionState) {
    if (state === 'granted' && this.phase === 'idle') this.open()
    if (state === 'denied') this.#fail(new DOMException('', 'NotAllowedError'))
  }

  #release() {
    this.#meter?.stop()
    this.#meter = null
    if (this.#stream) stopAll(this.#stream)
    this.#stream = null
    this.level = 0
    this.heard = false
  }
}

async function microphoneStream(id: string): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { ...SPEECH, deviceId: exactly(id) } })
  } catch (thrown) {
    if (!isGone(thrown)) throw thrown
    return navigator.mediaDevices.getUserMedia({ audio: SPEECH })
  }
}

function stopAll(stream: MediaStream) {
  for (const track of stream.getTracks()) track.stop()
}

/** What the browser remembers of its last question; null where it does not tell pages. */
function askedBefore(): Promise<PermissionStatus | null> {
  return Promise.resolve()
    .then(() => navigator.permissions.query({ name: 'microphone' }))
    .catch(() => null)
}
