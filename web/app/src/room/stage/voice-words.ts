import { m } from '../../i18n/paraglide/messages.js'
import type { VoiceState } from '../roles'

/** The state of a voice in words, for a ring alone tells too few. */
export const voiceWords: Record<VoiceState, () => string> = {
  speaking: m.voice_speaking,
  'mic-on': m.voice_mic_on,
  muted: m.voice_muted,
  'muted-by-host': m.voice_muted_by_host,
  away: m.voice_away,
}
