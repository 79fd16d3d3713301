interface Page extends EventTarget {
  readonly visibilityState: string
}

/** Runs now and again and again while the page is seen, and at once when it is seen again. Returns how to stop. */
export function whileSeen(run: () => Promise<unknown>, every: number, page: Page = document): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let turn = 0

  async function go() {
    clearTimeout(timer)
    if (page.visibilityState !== 'visible') return
    const mine = ++turn
    await run()
    if (!stopped && mine === turn) timer = setTimeout(go, every)
  }

  page.addEventListener('visibilitychange', go)
  go()
  return () => {
    stopped = true
    clearTimeout(timer)
    page.removeEventListener('visibilitychange', go)
  }
}
