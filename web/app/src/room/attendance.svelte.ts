import type { CaptionStatus, LogEntry, RoomState, You } from '../api/types'
import { Words } from '../captions/words.svelte'
import { grown } from './log/lines'
import { type Farewell, RoomSocket } from './socket'

interface Listener {
  /** Something about the room or the person is new. */
  changed(): void
  over(farewell: Farewell, kind: string): void
  /** The socket could not be opened: perhaps the person may no longer be there. */
  refused(): void
}

/** What the room socket tells, kept for the page. */
export class Attendance {
  log = $state.raw<LogEntry[]>([])
  state = $state.raw<RoomState | null>(null)
  you = $state.raw<You | null>(null)
  connected = $state(false)
  /** How the captions are doing. */
  captions = $state.raw<CaptionStatus | undefined>()
  /** What is said. */
  readonly words: Words
  /** How often each reaction came in the last seconds. */
  reactions = $state.raw<Record<string, number>>({})
  /** Until when the room waits for its host; empty while the host is there. */
  hostAwayUntil = $state('')

  readonly #socket: RoomSocket
  #fading: ReturnType<typeof setTimeout> | undefined

  constructor(room: string, on: Listener) {
    this.words = new Words(room)
    this.#socket = new RoomSocket(room, {
      anew: (seq, from) => {
        this.log = []
        this.words.anew(seq, from)
      },
      saying: (one) => this.words.say(one),
      captions: (status) => (this.captions = status),
      state: (state) => {
        this.state = state
        this.captions = state.captions
        if (!state.room.host_away_at) this.hostAwayUntil = ''
        on.changed()
      },
      you: (you) => {
        this.you = you
        on.changed()
      },
      log: (entries) => this.#append(entries),
      connected: (is) => (this.connected = is),
      refused: on.refused,
      over: on.over,
    })
  }

  stop() {
    clearTimeout(this.#fading)
    this.#socket.stop()
  }

  #append(entries: LogEntry[]) {
    this.log = grown(this.log, entries)
    this.words.add(entries)
    for (const { kind, body } of entries) {
      if (kind === 'reactions') this.#react((body?.counts ?? {}) as Record<string, number>)
      if (kind === 'system' && body?.what === 'host-away') this.hostAwayUntil = String(body.until)
      if (kind === 'system' && (body?.what === 'host-back' || body?.what === 'handed-over')) this.hostAwayUntil = ''
    }
  }

  #react(counts: Record<string, number>) {
    this.reactions = counts
    clearTimeout(this.#fading)
    this.#fading = setTimeout(() => (this.reactions = {}), SHOWN)
  }
}

/** Milliseconds a reaction stays on the page. */
const SHOWN = 4_000
