// What was said, as people read it: turns of one speaker, each of lines that will not change, and what is being said now.
import type { LogEntry, Partial as Saying, Who } from '../api/types'

export interface Line {
  seq: number
  at: string
  text: string
  source: string
  edited: boolean
}

export interface Turn {
  speaker: Who
  lines: Line[]
}

/** The final lines, grouped by who said them one after another. */
export function turnsOf(log: LogEntry[]): Turn[] {
  const turns: Turn[] = []
  for (const entry of log) {
    if (entry.kind !== 'caption' || !entry.body || !entry.subject) continue
    const { text, source, revision } = entry.body as { text: string; source: string; revision: number }
    const line = { seq: entry.seq, at: entry.at, text, source, edited: revision > 1 }
    const last = turns.at(-1)
    if (last?.speaker.id === entry.subject.id) last.lines.push(line)
    else turns.push({ speaker: entry.subject, lines: [line] })
  }
  return turns
}

/** What is being said, without what has become a line meanwhile. */
export function sayingAfter(saying: Saying[], entries: LogEntry[]): Saying[] {
  const done = new Set(entries.filter((entry) => entry.kind === 'caption').map((entry) => entry.body?.segment))
  return done.size ? saying.filter((one) => !done.has(one.segment)) : saying
}

/** One more partial: it replaces what the same speaker was saying; an empty one takes it back. */
export function sayingWith(saying: Saying[], one: Saying): Saying[] {
  const others = saying.filter((other) => other.speaker.id !== one.speaker.id)
  return one.text ? [...others, one] : others
}
