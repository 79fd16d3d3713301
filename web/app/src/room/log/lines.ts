// What the entries of a room's log say, in words, and which of them are lines to read.
import type { LogEntry, Pin } from '../../api/types'
import { m } from '../../i18n/paraglide/messages.js'
import { getLocale } from '../../i18n/paraglide/runtime.js'

/** Kinds somebody wrote, which can be withdrawn. */
export const written = ['question', 'notice', 'pin']

/** The log after more entries: a withdrawal takes the content of an earlier one away. */
export function grown(log: LogEntry[], more: LogEntry[]): LogEntry[] {
  const gone = new Set(more.filter((entry) => entry.kind === 'withdrawn').map((entry) => entry.body?.seq))
  const kept = gone.size ? [...log, ...more].map((entry) => (gone.has(entry.seq) ? emptied(entry) : entry)) : [...log, ...more]
  return kept.slice(-KEPT)
}

/** How many entries the page keeps. */
const KEPT = 2_000

const emptied = ({ body: _, ...entry }: LogEntry): LogEntry => ({ ...entry, withdrawn: true })

/** The link on top of the room: the log's last word on it, or what was there before the log we have. */
export function pinOf(log: LogEntry[], before: Pin | undefined): Pin | undefined {
  const last = log.filter((entry) => entry.kind === 'pin').at(-1)
  if (!last) return before
  return last.body?.url ? (last.body as unknown as Pin) : undefined
}

/** How many tickets are sold, by the log's last word on it. */
export const soldOf = (log: LogEntry[]): number | undefined => log.filter(tellsSold).at(-1)?.body?.sold as number | undefined

const tellsSold = (entry: LogEntry | undefined) => entry?.kind === 'system' && entry.body?.what === 'sold'

/** The lines of the log; what is told elsewhere on the page, such as reactions, is none. Of sales in a row the last is one. */
export function linesOf(log: LogEntry[]): { entry: LogEntry; words: string }[] {
  return log.flatMap((entry, i) => {
    const words = tellsSold(entry) && tellsSold(log[i + 1]) ? '' : wordsOf(entry)
    return words ? [{ entry, words }] : []
  })
}

function wordsOf(entry: LogEntry): string {
  if (entry.withdrawn) return m.line_withdrawn()
  const body = entry.body ?? {}
  const name = entry.subject?.name ?? m.somebody()
  switch (entry.kind) {
    case 'question':
    case 'notice':
      return String(body.text)
    case 'pin':
      return body.url ? m.line_pin({ title: String(body.title) }) : ''
    case 'hands':
      return body.open ? m.line_hands_open() : m.line_hands_closed()
    case 'stage':
      return stageWords(body, name)
    case 'system':
      return systemWords(body, name)
  }
  return ''
}

function stageWords(body: Record<string, unknown>, name: string): string {
  if (!body.was) {
    if (body.hard_muted) return m.line_hard_muted({ name })
    return body.muted ? m.line_muted({ name }) : m.line_unmuted({ name })
  }
  if (body.role === 'host') return m.line_host({ name })
  if (body.role === 'cohost') return m.line_cohost({ name })
  if (body.role === 'listener') return m.line_off_stage({ name })
  return body.was === 'listener' ? m.line_on_stage({ name }) : ''
}

function systemWords(body: Record<string, unknown>, name: string): string {
  switch (body.what) {
    case 'started':
      return m.room_started()
    case 'ended':
      return m.room_ended()
    case 'host-gone':
      return m.line_host_gone()
    case 'host-away':
      return m.line_host_away({ name })
    case 'host-back':
      return m.line_host_back({ name })
    case 'captions-gap':
      return m.line_captions_gap()
    case 'captioner':
      return m.line_captioner({ name })
    case 'captioner-left':
      return m.line_captioner_left()
    case 'sold':
      return m.line_sold({ count: Number(body.sold), shown: Number(body.sold).toLocaleString(getLocale()) })
    case 'rules':
      return body.locked ? m.line_locked() : m.line_rules()
  }
  return ''
}
