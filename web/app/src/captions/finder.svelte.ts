import { type Hit, hitsOf } from './find'
import type { View } from './view.svelte'

/** A search in the lines that are shown, and the hit one is at. */
export class Finder {
  #wanted = $state('')
  #at = $state.raw<Hit | undefined>()
  readonly hits = $derived.by(() => hitsOf(this.view.lines, this.#wanted))
  /** Of the hit one is at, from 0; -1 without one. */
  readonly index = $derived.by(() => this.hits.findIndex((hit) => this.isAt(hit.segment, hit.at)))

  constructor(readonly view: View) {}

  get wanted() {
    return this.#wanted
  }

  /** Looks for something, from the newest line. */
  look(wanted: string) {
    this.#wanted = wanted
    this.#at = this.hits.at(-1)
  }

  /** The hit so many further on, around the end. */
  step(by: 1 | -1) {
    const count = this.hits.length
    this.#at = this.hits[(this.index + by + count) % count]
  }

  get at() {
    return this.#at
  }

  isAt(segment: string, at: number) {
    return this.#at?.segment === segment && this.#at.at === at
  }
}
