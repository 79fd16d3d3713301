// The room socket: docs/room-socket.md, from the browser's side.
import type { CaptionStatus, LogEntry, Partial as Saying, RoomState, You } from '../api/types'

/** What to do when the server closed the socket. */
export type Farewell = 'resume' | 'sign-in' | 'stop'

export interface SocketListener {
  /** The log begins anew: what was known of it is void. It ends at seq now, and the entries that follow begin at from. */
  anew(seq: number, from: number): void
  state(state: RoomState): void
  you(you: You): void
  captions(status: CaptionStatus): void
  /** Somebody is saying this: state, the next one replaces it. */
  saying(one: Saying): void
  /** Entries in order, none twice, none missing. */
  log(entries: LogEntry[]): void
  connected(is: boolean): void
  /** The socket could not be opened; it is tried again. */
  refused(): void
  /** The socket is closed for good; kind is the problem's. */
  over(farewell: Farewell, kind: string): void
}

interface Frame extends Partial<Saying> {
  type: string
  epoch?: string
  seq?: number
  from?: number
  resumed?: boolean
  state?: RoomState
  you?: You
  entries?: LogEntry[]
}

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000


export function farewellOf(code: number): Farewell {
  if (code === 4401) return 'sign-in'
  return [1002, 1009, 3003, 3013, 4403, 4410].includes(code) ? 'stop' : 'resume'
}

/** How long to wait before the next try, spread so that a crowd does not come back at one moment. */
export function pauseBefore(attempt: number, windowMs: number, random = Math.random): number {
  if (windowMs) return random() * windowMs
  return (0.5 + random() / 2) * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt)
}

/** Attends one room by its socket, again and again, until it is told to stop. */
export class RoomSocket {
  #socket: WebSocket | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #attempt = 0
  #epoch = ''
  #seq = 0
  #stopped = false
  #greetedOnce = false

  constructor(
    readonly room: string,
    readonly on: SocketListener,
  ) {
    this.#open()
    addEventListener('online', this.#hurry)
  }

  stop() {
    this.#stopped = true
    clearTimeout(this.#timer)
    removeEventListener('online', this.#hurry)
    this.#socket?.close(1000)
  }

  #hurry = () => {
    if (this.#socket || this.#stopped) return
    clearTimeout(this.#timer)
    this.#open()
  }

  #open() {
    const at = new URL(`/api/rooms/${encodeURIComponent(this.room)}/live`, location.href)
    at.protocol = at.protocol.replace('http', 'ws')
    if (this.#epoch) at.search = new URLSearchParams({ epoch: this.#epoch, after: String(this.#seq) }).toString()
    this.#greetedOnce = false
    const socket = new WebSocket(at)
    this.#socket = socket
    socket.onmessage = (event) => this.#take(JSON.parse(event.data as string) as Frame)
    socket.onclose = (event) => this.#closed(event)
  }

  #take(frame: Frame) {
    if (this.#stopped) return
    if (frame.type === 'hello') this.#greeted(frame)
    else if (frame.type === 'state' && frame.state) this.on.state(frame.state)
    else if (frame.type === 'you' && frame.you) this.on.you(frame.you)
    else if (frame.type === 'captions') this.on.captions(frame as unknown as CaptionStatus)
    else if (frame.type === 'partial') this.on.saying(frame as Saying)
    else if (frame.type === 'log' && frame.entries) this.#append(frame.entries)
  }

  #greeted(frame: Frame) {
    this.#attempt = 0
    this.#greetedOnce = true
    if (!frame.resumed) {
      this.#epoch = frame.epoch ?? ''
      this.#seq = 0
      this.on.anew(frame.seq ?? 0, frame.from ?? 1)
    }
    this.on.connected(true)
  }

  #append(entries: LogEntry[]) {
    const fresh = entries.filter((entry) => entry.seq > this.#seq)
    const last = fresh.at(-1)
    if (!last) return
    this.#seq = last.seq
    this.on.log(fresh)
  }

  #closed(event: CloseEvent) {
    this.#socket = null
    if (this.#stopped) return
    this.on.connected(false)
    if (!this.#greetedOnce) this.on.refused()
    if (this.#stopped) return
    const farewell = farewellOf(event.code)
    if (farewell !== 'resume') {
      this.stop()
      this.on.over(farewell, event.reason)
      return
    }
    const spread = event.code === 3001 ? Number(event.reason.match(/\d+/)?.[0] ?? 0) : 0
    this.#timer = setTimeout(() => this.#open(), pauseBefore(this.#attempt++, spread))
  }
}
