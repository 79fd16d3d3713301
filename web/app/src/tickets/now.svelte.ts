const EVERY = 500

/** This device's clock, for as long as the component that asks for it is on the page. */
export function now() {
  let ms = $state(Date.now())
  $effect(() => {
    const timer = setInterval(() => (ms = Date.now()), EVERY)
    return () => clearInterval(timer)
  })
  return {
    get ms() {
      return ms
    },
  }
}
