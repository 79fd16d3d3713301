import { asProblem, type Problem } from '../api/problem'

const FIRST = 300
const LONGEST = 10_000

/** Milliseconds before attempt n (from 0), spread so that a whole room does not come back at the same instant. */
export function backOff(attempt: number, random = Math.random): number {
  return Math.min(FIRST * 2 ** attempt, LONGEST) * (0.5 + random() / 2)
}

/** Waits, or stops waiting when the signal says so. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}

/** Tries to enter again until it works (null), the server refuses for good (its problem), or the person left (null). */
export async function rejoin(enter: () => Promise<void>, signal: AbortSignal, wait = pause): Promise<Problem | null> {
  for (let attempt = 0; ; attempt++) {
    await wait(backOff(attempt), signal)
    if (signal.aborted) return null
    try {
      await enter()
      return null
    } catch (thrown) {
      const problem = asProblem(thrown)
      if (problem.final) return problem
    }
  }
}
