// Finding the place of a time in what was said.
import type { Line } from './turns'

/** Seconds of a time as people write it: 75, 1:15 or 0:01:15; nothing for anything else. */
export function secondsOf(written: string): number | undefined {
  const found = /^(?:(?:(\d{1,2}):)?([0-5]?\d):)?(\d+)$/.exec(written.trim())
  if (!found) return undefined
  const [hours, minutes, seconds] = [found[1], found[2], found[3]].map((part) => Number(part ?? 0)) as [number, number, number]
  if (found[2] && seconds > 59) return undefined
  return hours * 3600 + minutes * 60 + seconds
}

/** The line that was being said at an instant, in milliseconds; the first one when that was before it. */
export function lineAt(lines: Line[], instant: number): Line | undefined {
  return lines.filter(({ start }) => Date.parse(start) <= instant).at(-1) ?? lines[0]
}
