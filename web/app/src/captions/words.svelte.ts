import { readLog } from '../api/rooms'
import type { LogEntry, Partial as Saying } from '../api/types'
import { captionsAfter, type Line, linesOf, sayingAfter, sayingWith } from './turns'

/** How many caption entries the page keeps, unless somebody reads among the older ones. */
const KEPT = 2_000
/** How many entries of the log are asked for at once; the server gives no more. */
const PAGE = 500

/** What is said in a room, as far as the page knows it. */
export class Words {
  /** What is being said now. */
  saying = $state.raw<Saying[]>([])
  /** Number of the last entry there was when the reader came. */
  backlog = 0
  /** Nothing is let go. */
  held = false

  #entries = $state.raw<LogEntry[]>([])
  /** Number of the first entry of the log that is known here. */
  #from = $state(1)
  readonly #withdrawn = new Set<unknown>()
  readonly #lines = $derived(linesOf(this.#entries))

  constructor(readonly room: string) {}

  get lines(): Line[] {
    return this.#lines
  }

  /** The log has entries before those that are known here. */
  get hasEarlier() {
    return this.#from > 1
  }

  /** The log is another: it ends at seq now, and what comes begins at from. */
  anew(seq: number, from: number) {
    this.#entries = this.saying = []
    this.#withdrawn.clear()
    this.#from = from
    this.backlog = seq
  }

  add(more: LogEntry[]) {
    for (const { kind, body } of more) if (kind === 'withdrawn') this.#withdrawn.add(body?.seq)
    const all = captionsAfter(this.#entries, more)
    this.#entries = this.held ? all : all.slice(-KEPT)
    if (this.#entries.length < all.length) this.#from = this.#entries[0]?.seq ?? this.#from
    this.saying = sayingAfter(this.saying, more)
  }

  say(one: Saying) {
    this.saying = sayingWith(this.saying, one)
  }

  /** Reads the log backwards until there is an earlier line, or the room's start. */
  async loadEarlier() {
    const before = this.lines.length
    while (this.hasEarlier && this.lines.length === before) {
      const from = this.#from
      const after = Math.max(0, from - 1 - PAGE)
      const { entries } = await readLog(this.room, after, from - 1 - after)
      if (this.#from !== from) return // meanwhile it began anew, or somebody else loaded them
      // A withdrawal may have overtaken this answer.
      const earlier = entries.filter(({ seq }) => !this.#withdrawn.has(seq))
      this.#entries = [...captionsAfter([], earlier), ...this.#entries]
      this.#from = after + 1
    }
  }
}
