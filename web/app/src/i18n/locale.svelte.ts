import { overwriteGetLocale } from './paraglide/runtime.js'
import { type Language, pickLanguage } from './pick'

const KEY = 'salon.language'

let account = $state<string>()
let chosen = $state(remembered())
const current = $derived(pickLanguage(chosen, account, navigator.languages))

// Every message function reads the language here, so text follows a switch at once and forms keep what was typed.
overwriteGetLocale(() => current)

export const locale = {
  get current(): Language {
    return current
  },
  /** The person's own choice; it outlives this visit. */
  choose(language: Language) {
    chosen = language
    try {
      localStorage.setItem(KEY, language)
    } catch {
      // Storage may be switched off; the choice then lasts as long as the page.
    }
  },
  /** What the account prefers, as long as nothing was chosen on this device. */
  ofAccount(language: string | undefined) {
    account = language
  },
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}
