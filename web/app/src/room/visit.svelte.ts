import { asProblem, Problem } from '../api/problem'
import { joinRoom } from '../api/rooms'
import type { Room } from '../api/types'
import { m } from '../i18n/paraglide/messages.js'
import { announce } from '../ui/announcer.svelte'
import { announcements } from './announcements'
import { type Live, type Loss, type MicMode, SILENT } from './media/live'
import type { Media } from './media/livekit'
import { micProblem } from './mic-problem'
import { rejoin } from './rejoin'
import { PACE, type RoomWatch, watchRoom } from './room-state'

type Phase = 'outside' | 'joining' | 'inside' | 'rejoining'

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

  readonly #watch: RoomWatch
  #media: Media | null = null
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
    return this.phase === 'rejoining' || this.live.link === 'reconnecting'
  }

  async join() {
    if (this.phase !== 'outside') return
    this.phase = 'joining'
    this.refusal = null
    this.#stay = new AbortController()
    try {
      await this.#enter(this.#stay.signal)
    } catch (thrown) {
      this.#goOutside(asProblem(thrown))
    }
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

  async setMode(mode: MicMode) {
    this.mode = mode
    try {
      await this.#media?.changeMode(mode)
    } catch (thrown) {
      throw micProblem(thrown)
    }
  }

  async startAudio() {
    await this.#media?.startAudio()
  }

  async #enter(signal: AbortSignal) {
    const [{ Media }, pass] = await Promise.all([import('./media/livekit'), joinRoom(this.id)])
    const media = await Media.connect(pass.url, pass.token, {
      changed: (live) => this.#hear(live),
      stirred: () => this.#watch.refresh(),
      lost: (loss) => this.#lost(loss),
    }).catch((thrown: Error) => {
      throw new Problem({ kind: 'sound', detail: m.sound_failed({ reason: thrown.message }) })
    })
    if (signal.aborted) {
      await media.leave()
      return
    }
    this.#media = media
    this.phase = 'inside'
    this.#watch.pace(PACE.inside)
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
    // Whoever was heard before is heard again, if they may still speak; nobody else's microphone is touched.
    if (wantsMic && this.live.canPublish) await this.setMicrophone(true).catch((problem) => (this.refusal = problem))
  }

  async #goOutside(refusal: Problem | null) {
    this.#stay.abort()
    const media = this.#media
    this.#media = null
    this.#wantsMic = false
    this.refusal = refusal
    this.phase = 'outside'
    this.live = SILENT
    this.#watch.pace(PACE.outside)
    await media?.leave()
  }

  #hear(live: Live) {
    this.live = live
    if (live.link === 'connected' && !live.canPublish) this.#wantsMic = false
  }

  #see(room: Room) {
    for (const news of this.room ? announcements(this.room, room) : []) announce(news)
    this.room = room
    this.unseen = null
    if ((room.status === 'ended' || room.status === 'cancelled') && this.phase !== 'outside') this.#goOutside(null)
  }
}
