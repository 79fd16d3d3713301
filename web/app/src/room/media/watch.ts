// Notices when sound should arrive and does not. It knows neither LiveKit nor the page.

/** Milliseconds between two looks. */
const EVERY = 1_000
/** Looks without sound before somebody is told: 10 s. Looks are counted, so that a sleeping computer does not count. */
const PATIENCE = 10

export interface Signs {
  connected: boolean
  /** Somebody else's microphone is on. */
  expected: boolean
  /** Some sound has arrived since we connected. */
  arrived: boolean
}

/** Whether these signs, if they stay, mean that no sound comes through. */
export function isMissing({ connected, expected, arrived }: Signs): boolean {
  return !connected || (expected && !arrived)
}

/** Looks at the signs again and again, and tells when sound has been missing for 10 s and when it no longer is. */
export function watchSound(look: () => Promise<Signs>, tell: (missing: boolean) => void): { stop(): void } {
  let looking = false
  let stopped = false
  let without = 0
  let told = false

  const timer = setInterval(async () => {
    if (looking) return
    looking = true
    const missing = isMissing(await look())
    looking = false
    if (stopped) return
    without = missing ? without + 1 : 0
    if (told === without >= PATIENCE) return
    told = !told
    tell(told)
  }, EVERY)

  return {
    stop() {
      stopped = true
      clearInterval(timer)
    },
  }
}
