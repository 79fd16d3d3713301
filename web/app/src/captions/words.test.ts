import { afterEach, expect, it, vi } from 'vitest'
import type { LogEntry } from '../api/types'
import { said } from './testing/said'
import { View } from './view.svelte'
import { Words } from './words.svelte'

const all = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => said(from + i))
const numbers = ({ lines }: { lines: { seq: number }[] }) => lines.map(({ seq }) => seq)

/** The room's log at the server. */
function serve(log: LogEntry[]) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    const query = new URL(path, 'http://salon.test').searchParams
    const [after, limit] = [Number(query.get('after')), Number(query.get('limit'))]
    return Response.json({ entries: log.filter(({ seq }) => seq > after).slice(0, limit) })
  })
  return asked
}

function wordsFrom(from: number, to: number) {
  const words = new Words('r')
  words.anew(to, from)
  words.add(all(from, to))
  return words
}

afterEach(() => vi.unstubAllGlobals())

it('keeps so many lines, and more as long as somebody reads among the older ones', () => {
  const words = wordsFrom(1, 2_010)
  expect([words.lines.length, words.lines[0]?.seq, words.hasEarlier]).toEqual([2_000, 11, true])
  words.held = true
  words.add(all(2_011, 2_100))
  expect([words.lines.length, words.lines[0]?.seq]).toEqual([2_090, 11])
  words.held = false
  words.add([said(2_101)])
  expect([words.lines.length, words.lines[0]?.seq]).toEqual([2_000, 102])
})

it('reads the log backwards until there is an earlier line, or the start', async () => {
  const nothing = Array.from({ length: 700 }, (_, i) => ({ seq: 3 + i, kind: 'reactions', at: '' }))
  const asked = serve([said(1), said(2), ...nothing])
  const words = wordsFrom(703, 704)
  await words.loadEarlier()
  expect(numbers(words)).toEqual([1, 2, 703, 704])
  expect([asked.length, words.hasEarlier]).toEqual([2, false])
})

it('does not show what was withdrawn while the older lines were on their way', async () => {
  serve([said(1), said(2)])
  const words = wordsFrom(3, 3)
  const loading = words.loadEarlier()
  words.add([{ seq: 4, kind: 'withdrawn', at: '', body: { seq: 1 } }])
  await loading
  expect(numbers(words)).toEqual([2, 3])
})

it('drops older lines that belong to another log', async () => {
  serve([said(1)])
  const words = wordsFrom(2, 2)
  const loading = words.loadEarlier()
  words.anew(7, 7)
  await loading
  expect(words.lines).toEqual([])
})

it('counts what comes while the reader does not follow', () => {
  const words = wordsFrom(1, 3)
  const view = new View(() => words)
  words.add([said(4)])
  expect([view.missed, view.lines.length]).toEqual([0, 4])
  view.stop()
  words.add(all(5, 6))
  expect([view.missed, view.lines.length]).toEqual([2, 6])
  view.live()
  expect(view.missed).toBe(0)
})

it('lets nothing in while paused, and goes on where it was', () => {
  const words = wordsFrom(1, 2)
  const view = new View(() => words)
  const saying = { speaker: { id: 'a', handle: 'ada', name: 'Ada' }, segment: 's3', text: 'and', start: '', language: 'en' }
  words.say(saying)
  view.pause()
  words.add(all(3, 5))
  expect([view.paused, view.missed, numbers(view), view.saying]).toEqual([true, 3, [1, 2], [saying]])
  words.add([{ seq: 6, kind: 'withdrawn', at: '', body: { seq: 1 } }])
  expect(numbers(view)).toEqual([2])
  expect(view.goOn()?.seq).toBe(3)
  expect([view.paused, view.following, numbers(view), view.saying]).toEqual([false, false, [2, 3, 4, 5], []])
})

it('follows again after a pause in which nothing came', () => {
  const view = new View(() => wordsFrom(1, 2))
  view.pause()
  expect([view.goOn(), view.following]).toEqual([undefined, true])
})
