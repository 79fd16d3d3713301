// The look of the captions on this page: of the account that is signed in, the same on all its devices, or else of this device.
import { getCaptionLook, setCaptionLook } from '../api/captionlook'
import { type Look, sane, USUAL } from './look'

/** What this device keeps, for each account and for whoever is not signed in. */
interface Kept {
  look: Look
  /** Whether captions are shown: of this device alone. */
  shown: boolean
  /** The account does not know the look yet. */
  unsent: boolean
}

const KEY = 'salon.captions'
/** Milliseconds without a change after which the account is told. */
const CALM = 1_000

const keyOf = (account: string) => (account ? `${KEY}.${account}` : KEY)

function read(account: string): Kept | undefined {
  try {
    const { look, shown, unsent } = JSON.parse(localStorage.getItem(keyOf(account)) ?? '')
    return { look: sane(look), shown: shown !== false, unsent: unsent === true }
  } catch {
    return undefined // nothing was kept, or nothing that makes sense
  }
}

const ofDevice = () => read('') ?? { look: USUAL, shown: true, unsent: false }

let account = ''
let kept = $state.raw<Kept>(ofDevice())
let calm: ReturnType<typeof setTimeout> | undefined

function keep(more: Partial<Kept>) {
  kept = { ...kept, ...more }
  try {
    localStorage.setItem(keyOf(account), JSON.stringify(kept))
  } catch {
    // It holds until the page is closed.
  }
}

/** Tells the account; what it does not get to know is sent with the next change, or when the page is opened anew. */
async function send() {
  const { look } = kept
  const whose = account
  await setCaptionLook(look)
  if (whose === account && look === kept.look) keep({ unsent: false })
}

async function fetchLook() {
  const whose = account
  const found = await getCaptionLook()
  if (found && whose === account && !kept.unsent) keep({ look: sane(found) })
}

export const look = {
  get now() {
    return kept.look
  },
  get shown() {
    return kept.shown
  },
  show(shown: boolean) {
    keep({ shown })
  },
  /** Takes the look of an account, or of this device without one. Where the account is new, it begins as the device's. */
  async of(id = '') {
    if (id === account) return
    clearTimeout(calm)
    account = id
    kept = read(id) ?? { ...ofDevice(), unsent: false }
    if (id) await (kept.unsent ? send() : fetchLook()).catch(() => undefined)
  },
  change(more: Partial<Look>) {
    keep({ look: { ...kept.look, ...more }, unsent: account !== '' })
    clearTimeout(calm)
    if (account) calm = setTimeout(() => send().catch(() => undefined), CALM)
  },
  reset() {
    look.change(USUAL)
  },
}
