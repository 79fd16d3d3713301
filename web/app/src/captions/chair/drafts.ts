// What is being written goes out a few times a second, the newest last, whatever the server's pace.
import type { Written } from '../../api/captions'

/** Milliseconds between two drafts. */
const PACE = 250

export class Drafts {
  #waiting: Written | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #sending = false

  /** A draft that is lost is no loss: the next one, or the line itself, follows. */
  constructor(readonly send: (line: Written) => Promise<unknown>) {}

  show(line: Written) {
    this.#waiting = line
    this.#timer ??= setTimeout(() => this.#next(), PACE)
  }

  /** What waits is not sent any more: the line itself goes out. */
  drop() {
    this.#waiting = undefined
  }

  stop() {
    this.drop()
    clearTimeout(this.#timer)
  }

  async #next() {
    this.#timer = undefined
    const line = this.#waiting
    if (!line || this.#sending) return
    this.#waiting = undefined
    this.#sending = true
    await this.send(line).catch(() => undefined)
    this.#sending = false
    if (this.#waiting) this.show(this.#waiting)
  }
}
