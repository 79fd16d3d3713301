// Keeps what is being read where it is, whatever happens to the lines above it. Browsers that anchor their scrolling do the
// same less exactly, and not all do.

/** Where a line stands: how far below the top of its box, in pixels. */
export interface Place {
  id: string
  top: number
}

const linesIn = (box: HTMLElement) => box.querySelectorAll<HTMLElement>('p[id]')

/** The lines that are seen, from the first. */
export function placesOf(box: HTMLElement): Place[] {
  const { top, bottom } = box.getBoundingClientRect()
  const lines = linesIn(box)
  let [first, end] = [0, lines.length]
  while (first < end) {
    const middle = (first + end) >> 1
    if ((lines[middle] as HTMLElement).getBoundingClientRect().bottom > top) end = middle
    else first = middle + 1
  }
  const places: Place[] = []
  for (let i = first; i < lines.length; i++) {
    const line = lines[i] as HTMLElement
    const at = line.getBoundingClientRect().top
    if (at >= bottom) break
    places.push({ id: line.id, top: at - top })
  }
  return places
}

/** Scrolls so that the first of the lines that is still there is where it was. */
export function putBack(box: HTMLElement, places: Place[]) {
  for (const { id, top } of places) {
    const line = box.querySelector(`#${id}`)
    if (!line) continue
    box.scrollTop += line.getBoundingClientRect().top - box.getBoundingClientRect().top - top
    return
  }
}
