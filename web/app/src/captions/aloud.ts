// Lines for screen readers and braille displays, which cannot take a word at a time.
import { type Line, turnsOf } from './turns'

/** Milliseconds between two announcements, at least. */
export const BREATH = 2_000

/** Gathers lines and announces those of a breath together. */
export class Batches {
  #waiting: Line[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(readonly announce: (lines: Line[]) => void) {}

  add(lines: Line[]) {
    this.#waiting.push(...lines)
    if (this.#waiting.length) this.#timer ??= setTimeout(() => this.#flush(), BREATH)
  }

  stop() {
    clearTimeout(this.#timer)
  }

  #flush() {
    this.#timer = undefined
    this.announce(this.#waiting.splice(0))
  }
}

/** The lines as they are announced, each speaker named once a turn. */
export function spoken(lines: Line[], somebody: string): string {
  return turnsOf(lines).map(({ speaker, lines }) => `${speaker?.name ?? somebody}: ${lines.map(({ text }) => text).join(' ')}`).join(' ')
}
