import { asProblem, Problem } from '../api/problem'
import { joinAsGuest, joinRoom, unmuteSelf } from '../api/rooms'
import type { Pass, Pin, Room, RoomState } from '../api/types'
import { m } from '../i18n/paraglide/messages.js'
import { announce } from '../ui/announcer.svelte'
import { announcements } from './announcements'
import { Attendance } from './attendance.svelte'
import { type DeviceKind, keepDevice } from './media/devices'
import { type Live, type Loss, type MicMode, NoMedia, SILENT } from './media/live'
import type { Media } from './media/livekit'
import { watchSound } from './media/watch'
import { type Crowd, merged } from './merged'
import { micProblem } from './mic-problem'
import { pinOf } from './log/lines'
import { hostWasGone } from './over'
import { rejoin } from './rejoin'
import { PACE, type RoomWatch, watchRoom } from './room-state'
import type { Farewell } from './socket'

type Phase = 'outside' | 'joining' | 'inside' | 'rejoining'

/** How one comes in: with sound or only to read, and with an account or as a guest. */
export interface Manner {
  sound: boolean
  guest: boolean
}

/** Milliseconds between two looks that the socket's news make necessary. */
const LOOK_GAP = 2_000
/** Milliseconds the media server may take to give a right back. */
const RIGHT_TAKES = 5_000

/** One person's visit to one room: its rows, its sound, and the way back when the sound is lost. */
export class Visit {
  room = $state.raw<Room | null>(null)
  /** Why the last look at the room failed. */
  unseen = $state.raw<Problem | null>(null)
  phase = $state<Phase>('outside')
  /** Why entering failed, or why the visit ended. */
  refusal = $state.raw<Problem | null>(null)
  live = $state.raw<Live>(SILENT)
  mode = $state<MicMode>('speech')
  manner = $state.raw<Manner>({ sound: true, guest: false })
  attendance = $state.raw<Attendance | null>(null)
  /** The room ended under the person, because its host did not come back. */
  hostGone = $state(false)

  readonly #watch: RoomWatch
  /** The last look at the room. */
  #seen: Room | null = null
  #lookedAt = 0
  #told: RoomState | null = null
  /** What was heard last. */
  #crowd: Crowd = {}
  #media: Media | null = null
  #identity = ''
  #soundMissing = $state(false)
  #soundWatch: ReturnType<typeof watchSound> | null = null
  #stay = new AbortController()
  /** The person turned the microphone on and nobody took the right to it since. */
  #wantsMic = false

  constructor(readonly id: string) {
    this.#watch = watchRoom(id, { room: (room) => this.#see(room), problem: (problem) => (this.unseen = problem) })
  }

  get joined() {
    return this.phase === 'inside' || this.phase === 'rejoining'
  }

  get reconnecting() {
    const unheard = this.joined && this.attendance?.state && !this.attendance.connected
    return this.phase === 'rejoining' || this.live.link === 'reconnecting' || Boolean(unheard)
  }

  get me() {
    return this.room?.me
  }

  /** Of the own hand in the queue, from 1; 0 without one. */
  get place(): number {
    return this.attendance?.you?.place ?? 0
  }

  get pin(): Pin | undefined {
    return pinOf(this.log, this.attendance?.state?.pin)
  }

  get log() {
    return this.attendance?.log ?? []
  }

  get reactions() {
    return this.attendance?.reactions ?? {}
  }

  /** Whether the server's table lets the person do something now. */
  may(action: string): boolean {
    return this.attendance?.you?.may.includes(action) ?? false
  }

  /** Sound should come through and does not: there is something to try. */
  get noMedia() {
    return this.#soundMissing || this.refusal?.kind === 'no-media'
  }

  async join(manner: Manner = { sound: true, guest: false }) {
    if (this.phase !== 'outside') return
    this.manner = manner
    this.phase = 'joining'
    this.refusal = null
    this.#stay = new AbortController()
    if (manner.sound) this.#soundWatch = watchSound(() => this.#signs(), (missing) => this.#soundIs(missing))
    const { signal } = this.#stay
    try {
      await this.#enter(signal)
    } catch (thrown) {
      if (!signal.aborted) this.#goOutside(asProblem(thrown))
    }
  }

  /** Leaves whatever there is of a connection and joins anew; a microphone that was on is on again afterwards. */
  async joinAgain() {
    const wantsMic = this.#wantsMic
    await this.#goOutside(null)
    await this.join({ ...this.manner, sound: true })
    if (wantsMic) await this.#micBackOn()
  }

  async leave() {
    await this.#goOutside(null)
  }

  /** Ends the visit for good: the page is closing. */
  close() {
    this.#watch.stop()
    this.#goOutside(null)
  }

  /** Runs something the server decides, then looks at what became of it. */
  async act(change: (id: string) => Promise<unknown>) {
    await change(this.id)
    await this.#watch.refresh()
  }

  async setMicrophone(on: boolean) {
    this.#wantsMic = on
    try {
      await this.#media?.setMicrophone(on, this.mode)
    } catch (thrown) {
      throw micProblem(thrown)
    }
  }

  /** Lifts a mute that is one's own to lift, and speaks. */
  async unmute() {
    await this.act(unmuteSelf)
    const given = await this.#whenRightIs(true)
    if (given) await this.setMicrophone(true)
  }

  async setMode(mode: MicMode) {
    this.mode = mode
    try {
      await this.#media?.changeMode(mode)
    } catch (thrown) {
      throw micProblem(thrown)
    }
  }

  /** Keeps the choice on this device, and uses it at once where there is a connection. */
  async useDevice(kind: DeviceKind, id: string) {
    keepDevice(kind, id)
    await this.#media?.useDevice(kind, id)
  }

  async startAudio() {
    await this.#media?.startAudio()
  }

  async #enter(signal: AbortSignal) {
    const pass = await (this.manner.guest ? joinAsGuest : joinRoom)(this.id)
    if (signal.aborted) return
    this.#identity = pass.identity
    this.#attend()
    if (this.manner.sound) await this.#connect(pass, signal)
    if (signal.aborted) return
    this.phase = 'inside'
    this.#watch.pace(PACE.inside)
  }

  async #connect(pass: Pass, signal: AbortSignal) {
    const on = {
      changed: (live: Live) => this.#hear(live),
      lost: (loss: Loss) => this.#lost(loss),
    }
    const { Media } = await import('./media/livekit')
    const media = await Media.connect(pass.url, pass.token, on, signal).catch((thrown: Error) => {
      const kind = thrown instanceof NoMedia ? 'no-media' : 'sound'
      throw new Problem({ kind, detail: m.sound_failed({ reason: thrown.message }) })
    })
    if (signal.aborted) await media.leave()
    else this.#media = media
  }

  /** Opens the room socket, once per visit: it finds its way back by itself. */
  #attend() {
    this.attendance ??= new Attendance(this.id, {
      changed: () => this.#news(),
      refused: () => this.#askWhy(),
      over: (farewell, kind) => this.#bidden(farewell, kind),
    })
  }

  #news() {
    const state = this.attendance?.state ?? null
    if (state && state !== this.#told) this.#crowd = state
    this.#told = state
    this.#show()
    const crowd = this.#seen?.listeners !== state?.listeners || this.#seen?.hands !== state?.hands
    if (!crowd || Date.now() - this.#lookedAt < LOOK_GAP) return
    this.#lookedAt = Date.now()
    this.#watch.refresh()
  }

  /** The socket is closed for good: whoever may not be there any more is told why in the server's words. */
  async #bidden(farewell: Farewell, kind: string) {
    if (kind === 'room-ended') await this.#watch.refresh()
    else if (farewell === 'stop' || farewell === 'sign-in') await this.#askWhy()
    if (this.phase !== 'outside') this.#goOutside(kind === 'room-ended' ? null : new Problem({ kind, detail: m.you_left_room() }))
  }

  async #askWhy() {
    const { signal } = this.#stay
    try {
      await (this.manner.guest ? joinAsGuest : joinRoom)(this.id)
    } catch (thrown) {
      const problem = asProblem(thrown)
      if (problem.final && !signal.aborted) await this.#goOutside(problem)
    }
  }

  async #lost(loss: Loss) {
    const wantsMic = this.#wantsMic
    this.#media = null
    if (loss === 'replaced') {
      this.#goOutside(new Problem({ kind: 'replaced', detail: m.joined_elsewhere() }))
      return
    }
    this.phase = 'rejoining'
    announce(m.reconnecting())
    const { signal } = this.#stay
    const refused = await rejoin(() => this.#enter(signal), signal)
    if (signal.aborted) return
    if (refused) {
      await this.#watch.refresh() // a room that has ended says so itself, and has let us out by then
      if (!signal.aborted) this.#goOutside(refused)
      return
    }
    announce(m.reconnected())
    if (wantsMic) await this.#micBackOn()
  }

  // Whoever was heard before is heard again, if they may still speak; nobody else's microphone is touched.
  async #micBackOn() {
    if (this.live.canPublish) await this.setMicrophone(true).catch((problem) => (this.refusal = problem))
  }

  async #signs() {
    const expected = Object.entries(this.live.people).some(([identity, person]) => identity !== this.#identity && person.micOn)
    const asked = expected && this.#media?.soundArrived().catch(() => false) // a connection that just closed has no statistics
    const arrived = (await asked) || false
    return { connected: this.phase === 'inside' && this.live.link === 'connected', expected, arrived }
  }

  #soundIs(missing: boolean) {
    this.#soundMissing = missing
    announce(missing ? m.no_media_title() : m.no_media_over())
  }

  async #goOutside(refusal: Problem | null) {
    this.#stay.abort()
    this.#soundWatch?.stop()
    this.#soundMissing = false
    const media = this.#media
    this.#media = null
    this.#wantsMic = false
    this.refusal = refusal
    this.phase = 'outside'
    this.live = SILENT
    this.attendance?.stop()
    this.attendance = null
    this.#watch.pace(PACE.outside)
    await media?.leave()
  }

  #hear(live: Live) {
    this.live = live
    if (live.link === 'connected' && !live.canPublish) this.#wantsMic = false
    this.#rightChanged?.(live.canPublish)
  }

  #rightChanged: ((is: boolean) => void) | undefined

  /** Resolves with true when the right to publish is as wished, with false when that takes too long. */
  #whenRightIs(wished: boolean): Promise<boolean> {
    if (this.live.canPublish === wished) return Promise.resolve(true)
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), RIGHT_TAKES)
      this.#rightChanged = (is) => {
        if (is !== wished) return
        clearTimeout(late)
        this.#rightChanged = undefined
        resolve(true)
      }
    })
  }

  #see(room: Room) {
    this.#crowd = this.#seen = room
    this.unseen = null
    this.#show()
  }

  #show() {
    const now = merged(this.#seen, this.attendance?.state ?? null, this.attendance?.you ?? null, this.#crowd)
    if (!now) return
    for (const news of this.room ? announcements(this.room, now) : []) announce(news)
    this.room = now
    if ((now.status === 'ended' || now.status === 'cancelled') && this.phase !== 'outside') this.#over()
  }

  async #over() {
    const known = this.log
    this.#goOutside(null)
    this.hostGone = await hostWasGone(this.id, known).catch(() => false) // then it has ended, without a word more
  }
}
