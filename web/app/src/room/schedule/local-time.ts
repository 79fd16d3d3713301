// Between an RFC 3339 instant and what <input type="datetime-local"> holds: the clock on this device's wall.

const two = (n: number) => String(n).padStart(2, '0')

/** What the input shows for an instant; empty without one. */
export function inputOf(instant: string | Date | undefined): string {
  if (!instant) return ''
  const at = new Date(instant)
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** The instant somebody typed; undefined when they typed none. */
export function instantOf(input: string): string | undefined {
  const at = new Date(input)
  return input && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined
}
