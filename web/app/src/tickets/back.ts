// Where somebody was who had a link mailed to sign in with: the link opens in another tab and leads back there.
const KEY = 'salon.back'
const LASTS = 3_600_000

export function comeBackTo(path: string) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ path, at: Date.now() }))
  } catch {
    // Storage may be switched off; the link then leads to the first page.
  }
}

/** The page to go on with; it is forgotten by that. */
export function wayBack(): string {
  try {
    const { path, at } = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    localStorage.removeItem(KEY)
    return Date.now() - at < LASTS ? path : '/'
  } catch {
    return '/'
  }
}
