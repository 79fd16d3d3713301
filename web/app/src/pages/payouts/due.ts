import { m } from '../../i18n/paraglide/messages.js'

// What Stripe calls the things it asks for, from the first that fits: docs.stripe.com/connect/handling-api-verification.
const meanings: [RegExp, () => string][] = [
  [/^external_account/, m.due_bank],
  [/^tos_acceptance/, m.due_terms],
  [/^business_type/, m.due_kind],
  [/^(business_profile|settings)\b/, m.due_business],
  [/^company\b/, m.due_company],
  [/^(representative|owners|directors|executives|person_\w+)\b/, m.due_people],
  [/verification|document|proof/, m.due_document],
  [/\bdob\b/, m.due_birth],
  [/address/, m.due_address],
  [/email|phone/, m.due_contact],
  [/id_number|ssn/, m.due_number],
  [/name/, m.due_name],
]

/** What Stripe still wants to know, in words and each once; what these do not know yet stays as Stripe writes it. */
export function dueWords(due: string[]): string[] {
  const words = due.map((one) => meanings.find(([pattern]) => pattern.test(one))?.[1]() ?? one)
  return [...new Set(words)]
}
