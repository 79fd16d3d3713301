import { Problem } from '../api/problem'
import { m } from '../i18n/paraglide/messages.js'

/** Why the microphone did not turn on, by the names browsers give their errors. */
export function micProblem(thrown: unknown): Problem {
  const { name = '', message = String(thrown) } = thrown instanceof Error ? thrown : {}
  return new Problem({ kind: 'microphone', detail: sentence(name, message) })
}

function sentence(name: string, reason: string): string {
  if (!isSecureContext) return m.mic_insecure()
  if (name === 'NotAllowedError' || name === 'SecurityError') return m.mic_denied()
  if (name === 'NotFoundError') return m.mic_missing()
  if (name === 'NotReadableError') return m.mic_in_use()
  return m.mic_failed({ reason })
}
