import { getMe, signOut } from '../api/accounts'
import { asProblem, type Problem } from '../api/problem'
import type { Me } from '../api/types'
import { locale } from '../i18n/locale.svelte'

let me = $state.raw<Me | null>(null)
let ready = $state(false)
let problem = $state.raw<Problem | null>(null)

export const session = {
  /** Who is signed in here; null for a visitor. */
  get me() {
    return me
  },
  /** Whether the server has said who is signed in. */
  get ready() {
    return ready
  },
  get problem() {
    return problem
  },
  async load() {
    problem = null
    try {
      session.use(await getMe())
    } catch (thrown) {
      const found = asProblem(thrown)
      if (found.status === 401) session.use(null)
      else problem = found
    }
  },
  use(account: Me | null) {
    me = account
    ready = true
    locale.ofAccount(account?.language)
  },
  async signOut() {
    await signOut()
    session.use(null)
  },
}
