import type { Partial as Saying } from '../api/types'
import type { Line } from './turns'
import type { Words } from './words.svelte'

interface Pause {
  /** Number of the last line there was. */
  last: number
  /** What was being said. */
  saying: Saying[]
}

/** What a reader sees of the words: the newest, as long as they follow; while they do not, nothing moves. */
export class View {
  following = $state(true)
  /** Number of the last line when the reader stopped following. */
  #seen = $state(0)
  #pause = $state.raw<Pause | null>(null)
  readonly #lines = $derived.by(() => (this.#pause ? this.#until(this.#pause.last) : this.words().lines))

  constructor(readonly words: () => Words) {}

  get lines(): Line[] {
    return this.#lines
  }

  get saying(): Saying[] {
    return this.#pause?.saying ?? this.words().saying
  }

  get paused() {
    return this.#pause !== null
  }

  /** How many lines came since the reader stopped following. */
  get missed() {
    return this.following ? 0 : this.words().lines.length - this.#until(this.#seen).length
  }

  stop() {
    if (!this.following) return
    this.following = false
    this.#seen = this.#newest()
    this.words().held = true
  }

  live() {
    this.following = true
    this.#pause = null
    this.words().held = false
  }

  pause() {
    this.stop()
    this.#pause = { last: this.#newest(), saying: this.words().saying }
  }

  /** Ends the pause and returns the first line that came meanwhile; without one, the newest is followed again. */
  goOn(): Line | undefined {
    const last = this.#pause?.last ?? 0
    const first = this.words().lines.find(({ seq }) => seq > last)
    this.#pause = null
    if (!first) this.live()
    return first
  }

  #newest() {
    return this.words().lines.at(-1)?.seq ?? 0
  }

  #until(last: number) {
    return this.words().lines.filter(({ seq }) => seq <= last)
  }
}
