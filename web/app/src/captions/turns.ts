// What was said, as people read it: lines, in turns of one speaker, and what is being said now.
import type { LogEntry, Partial as Saying, Who } from '../api/types'

/** The body of a caption entry. */
interface Said {
  segment: string
  text: string
  start: string
  language: string
  source: string
  revision: number
}

export interface Line extends Said {
  /** Number of its first entry: corrections do not change it. */
  seq: number
  /** Nobody, when the account is gone. */
  speaker?: Who
}

export interface Turn {
  speaker?: Who
  lines: Line[]
}

const segmentOf = ({ body }: LogEntry) => body?.segment as string
const revisionOf = ({ body }: LogEntry) => body?.revision as number

/** The caption entries that are known after more of the log. A withdrawal takes every revision of its line away. */
export function captionsAfter(known: LogEntry[], more: LogEntry[]): LogEntry[] {
  const all = [...known, ...more.filter(({ kind, body }) => kind === 'caption' && body)]
  const gone = new Set<unknown>()
  for (const { kind, body } of more) {
    if (kind !== 'withdrawn') continue
    const entry = all.find(({ seq }) => seq === body?.seq)
    gone.add(entry ? segmentOf(entry) : body?.segment)
  }
  return gone.size ? all.filter((entry) => !gone.has(segmentOf(entry))) : all
}

/** The lines of caption entries, each as its highest revision and where its first one stands. */
export function linesOf(entries: LogEntry[]): Line[] {
  const lines = new Map<string, Line>()
  for (const entry of entries) {
    const segment = segmentOf(entry)
    const before = lines.get(segment)
    // A correction whose line is older than what is known here has no place yet.
    if (before ? revisionOf(entry) > before.revision : revisionOf(entry) <= 1) lines.set(segment, lineOf(entry, before?.seq ?? entry.seq))
  }
  return [...lines.values()]
}

const known = new WeakMap<LogEntry, Line>()

/** The line of an entry, the same object each time: what has not changed is not drawn again. */
function lineOf(entry: LogEntry, seq: number): Line {
  const line = known.get(entry) ?? { ...(entry.body as unknown as Said), seq, speaker: entry.subject }
  known.set(entry, line)
  return line
}

/** The lines, grouped by who said them one after another. */
export function turnsOf(lines: Line[]): Turn[] {
  const turns: Turn[] = []
  for (const line of lines) {
    const last = turns.at(-1)
    if (last && last.speaker?.id === line.speaker?.id) last.lines.push(line)
    else turns.push({ speaker: line.speaker, lines: [line] })
  }
  return turns
}

/** What is being said, without what has become a line meanwhile. */
export function sayingAfter(saying: Saying[], entries: LogEntry[]): Saying[] {
  const done = new Set(entries.filter(({ kind }) => kind === 'caption').map(segmentOf))
  return done.size ? saying.filter((one) => !done.has(one.segment)) : saying
}

/** One more partial: it replaces what the same speaker was saying; an empty one takes it back. */
export function sayingWith(saying: Saying[], one: Saying): Saying[] {
  const others = saying.filter((other) => other.speaker.id !== one.speaker.id)
  return one.text ? [...others, one] : others
}
