import type { causes } from '../../api/moderation'
import { m } from '../../i18n/paraglide/messages.js'

/** Why somebody was reported, in words. */
export const causeWords: Record<(typeof causes)[number], () => string> = {
  harassment: m.cause_harassment,
  hate: m.cause_hate,
  spam: m.cause_spam,
  danger: m.cause_danger,
  other: m.cause_other,
}
