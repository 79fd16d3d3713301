// What was said as plain text, to be put elsewhere.
import { type Line, turnsOf } from './turns'

/** The lines as text, a paragraph a turn, with who said it; somebody is what a speaker without a name is called. */
export function textOf(lines: Line[], somebody: string): string {
  const paragraphs = turnsOf(lines).map(({ speaker, lines }) => [`${speaker?.name ?? somebody}:`, ...lines.map(({ text }) => text)].join('\n'))
  return paragraphs.join('\n\n')
}

/** The lines, or parts of them, that are selected on the page. */
export function selectedOf(lines: Line[]): Line[] {
  const selection = getSelection()
  if (!selection || selection.isCollapsed) return []
  const range = selection.getRangeAt(0)
  return lines.flatMap((line) => {
    const text = partOf(range, document.getElementById(`s${line.seq}`))
    return text ? [{ ...line, text }] : []
  })
}

/** What of the element's text is in the range. */
function partOf(range: Range, element: HTMLElement | null): string {
  if (!element || !range.intersectsNode(element)) return ''
  const part = document.createRange()
  part.selectNodeContents(element)
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset)
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset)
  return part.toString().trim()
}
