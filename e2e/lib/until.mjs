// Asks again and again until probe answers something truthy; the one place that waits by the clock.
export async function until(what, probe, { within = 15_000, every = 50 } = {}) {
  const deadline = Date.now() + within
  for (;;) {
    const answer = await probe()
    if (answer) return answer
    if (Date.now() > deadline) throw new Error(`not within ${within} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}
