// Captions that are fixed at an edge of the window must not cover what is there: the page makes room for them.

/** Keeps free, at that edge, what the element takes, until it is called off. */
export function makeRoom(element: HTMLElement, edge: 'top' | 'bottom'): () => void {
  const room = `--dock-${edge}`
  const { style } = document.documentElement
  const watch = new ResizeObserver(() => style.setProperty(room, `${element.offsetHeight}px`))
  watch.observe(element)
  return () => {
    watch.disconnect()
    style.removeProperty(room)
  }
}
