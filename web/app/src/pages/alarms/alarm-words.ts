import { m } from '../../i18n/paraglide/messages.js'

const words: Record<string, () => string> = {
  unmatched: m.alarm_unmatched,
  mismatch: m.alarm_mismatch,
  'refund-failed': m.alarm_refund_failed,
  'refund-refused': m.alarm_refund_refused,
  'outside-refund': m.alarm_outside_refund,
  dispute: m.alarm_dispute,
  absorbed: m.alarm_absorbed,
  'not-started': m.alarm_not_started,
}

/** What happened, in words; a kind that this page does not know yet, by its name. */
export const alarmWords = (kind: string): string => words[kind]?.() ?? kind
