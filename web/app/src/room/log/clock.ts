import { locale } from '../../i18n/locale.svelte'

/** The time of day of an RFC 3339 instant, for the reader. */
export const clock = (instant: string) =>
  new Intl.DateTimeFormat(locale.current, { timeStyle: 'short' }).format(new Date(instant))
