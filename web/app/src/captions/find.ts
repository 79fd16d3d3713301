// Finding words in what was said, in any case and without regard to accents.
import type { Line } from './turns'

/** Where a line has what was looked for. */
export interface Hit {
  segment: string
  at: number
}

/** A piece of a line's text, which is what was looked for or is not. */
export interface Part extends Pick<Hit, 'at'> {
  text: string
  hit: boolean
}

/** The text as it is compared: as long as the composed text, unit by unit. */
const folded = (text: string) => text.normalize('NFC').replaceAll(/[^\0-\x7f]/g, (unit) => unit.normalize('NFD').charAt(0)).toLowerCase()

function* placesIn(text: string, wanted: string) {
  const needle = folded(wanted.trim())
  if (!needle) return
  const hay = folded(text)
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + needle.length)) yield { at, end: at + needle.length }
}

export function hitsOf(lines: Line[], wanted: string): Hit[] {
  return lines.flatMap(({ segment, text }) => [...placesIn(text, wanted)].map(({ at }) => ({ segment, at })))
}

/** The text in pieces, which together are all of it. */
export function partsOf(text: string, wanted: string): Part[] {
  const whole = text.normalize('NFC')
  const parts: Part[] = []
  let done = 0
  for (const { at, end } of placesIn(whole, wanted)) {
    if (at > done) parts.push({ at: done, text: whole.slice(done, at), hit: false })
    parts.push({ at, text: whole.slice(at, end), hit: true })
    done = end
  }
  if (done < whole.length) parts.push({ at: done, text: whole.slice(done), hit: false })
  return parts
}
