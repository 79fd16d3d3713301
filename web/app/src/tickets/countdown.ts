/** Whole seconds until an instant; 0 when it is over. */
export const secondsUntil = (instant: string, now: number) => Math.max(0, Math.ceil((new Date(instant).getTime() - now) / 1000))

const two = (n: number) => String(n).padStart(2, '0')

/** Seconds as a clock shows them: 14:05. */
export const clock = (seconds: number) => `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`

const MINUTES = [1, 2, 5]

/** The minutes left that were passed between two looks at the clock, of those that are told; 0: none was. */
export const minutesPassed = (before: number, now: number) => MINUTES.find((one) => now <= one * 60 && before > one * 60) ?? 0
