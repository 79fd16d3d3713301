import { locale } from './locale.svelte'

/** A number as the reader's language writes it. */
export const number = (n: number) => new Intl.NumberFormat(locale.current).format(n)

/** Date and time of an RFC 3339 instant, in the reader's language and time zone. */
export const when = (instant: string) =>
  new Intl.DateTimeFormat(locale.current, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant))

/** The name of a language, in the reader's language. */
export const languageName = (code: string) => new Intl.DisplayNames(locale.current, { type: 'language' }).of(code) ?? code

/** Several things in one breath, as the reader's language joins them. */
export const list = (things: string[]) => new Intl.ListFormat(locale.current).format(things)
