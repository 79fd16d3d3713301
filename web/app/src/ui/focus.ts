// What has the focus may disappear, by its own success or because somebody else was faster: whoever uses a keyboard stays
// where they were all the same.

let last: Element | null = null
let panel: HTMLElement | null = null

/** From now on a focus that is lost goes to the panel it was in, or to the page's title when the panel is gone, too. */
export function keepFocus(): () => void {
  const watch = new MutationObserver(bringBack)
  watch.observe(document.body, { childList: true, subtree: true })
  addEventListener('focusin', remember)
  return () => {
    watch.disconnect()
    removeEventListener('focusin', remember)
  }
}

function remember({ target }: FocusEvent) {
  last = target as Element
  panel = last.closest('[data-panel]')
}

function bringBack() {
  if (!last || last.isConnected || document.activeElement !== document.body) return
  const home = panel?.isConnected ? panel : document.querySelector('h1')
  home?.focus({ preventScroll: true })
}
