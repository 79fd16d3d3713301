// The look of captions: of the account that is signed in, the same on all its devices, or else of this device.
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

export class CaptionLook {
  #account = ''
  #kept = $state.raw<Kept>(ofDevice())
  #calm: ReturnType<typeof setTimeout> | undefined

  get now() {
    return this.#kept.look
  }

  get shown() {
    return this.#kept.shown
  }

  show(shown: boolean) {
    this.#keep({ shown })
  }

  /** Takes the look of an account, or of this device without one. Where the account is new, it begins as the device's. */
  async of(account = '') {
    if (account === this.#account) return
    clearTimeout(this.#calm)
    this.#account = account
    this.#kept = read(account) ?? { ...ofDevice(), unsent: false }
    if (account) await (this.#kept.unsent ? this.#send() : this.#fetch()).catch(() => undefined) // another time
  }

  change(more: Partial<Look>) {
    this.#keep({ look: { ...this.now, ...more }, unsent: this.#account !== '' })
    clearTimeout(this.#calm)
    if (this.#account) this.#calm = setTimeout(() => this.#send().catch(() => undefined), CALM)
  }

  reset() {
    this.change(USUAL)
  }

  #keep(more: Partial<Kept>) {
    this.#kept = { ...this.#kept, ...more }
    try {
      localStorage.setItem(keyOf(this.#account), JSON.stringify(this.#kept))
    } catch {
      // It holds until the page is closed.
    }
  }

  /** Tells the account; what it does not get to know is sent with the next change, or when the page is opened anew. */
  async #send() {
    const [account, look] = [this.#account, this.now]
    await setCaptionLook(look)
    if (account === this.#account && look === this.now) this.#keep({ unsent: false })
  }

  async #fetch() {
    const account = this.#account
    const found = await getCaptionLook()
    if (found && account === this.#account && !this.#kept.unsent) this.#keep({ look: sane(found) })
  }
}

/** The look on this page. */
export const look = new CaptionLook()
