// What readers are told of how the captions are doing.
import type { CaptionStatus } from '../api/types'
import { languageName, number } from '../i18n/format'
import { m } from '../i18n/paraglide/messages.js'

const loads: Record<string, () => string> = {
  'fewer-updates': m.captions_fewer_updates, 'finals-only': m.captions_finals_only, 'some-voices': m.captions_some_voices,
}

/** Why there are no captions, or not as they should be; empty when all is well. */
export function troubleOf(status: CaptionStatus | undefined, connected: boolean): string {
  if (!connected) return m.captions_trying()
  if (status?.state === 'no-model') return m.captions_no_model({ language: languageName(status.language ?? '') })
  if (status?.state === 'off') return m.captions_off()
  if (status?.state !== 'on') return m.captions_starting()
  return loads[status.load ?? '']?.() ?? ''
}

/** Who writes, and how far behind. */
export function originOf(status: CaptionStatus): string {
  const origin = m.captions_automatic({ engine: status.engine ?? '' })
  return status.late_seconds ? `${origin} · ${m.captions_behind({ seconds: number(status.late_seconds) })}` : origin
}
