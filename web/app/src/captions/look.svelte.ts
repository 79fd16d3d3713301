// How captions look, as the reader chose on this device.
export interface Look {
  /** Of the text, in percent of the page's. */
  size: number
  family: 'system' | 'serif' | 'mono' | 'atkinson' | 'dyslexic'
  colours: 'page' | 'light' | 'dark' | 'yellow'
  /** Of a line, in percent of the text's size. */
  spacing: number
  /** How many lines are seen at once. */
  lines: number
  shown: boolean
}

export const USUAL: Look = { size: 125, family: 'system', colours: 'page', spacing: 150, lines: 6, shown: true }

/** Only fonts that the reader's device has: none is fetched from elsewhere. */
export const families: Record<Look['family'], string> = {
  system: 'system-ui, sans-serif',
  serif: 'Georgia, serif',
  mono: 'ui-monospace, monospace',
  atkinson: '"Atkinson Hyperlegible", system-ui, sans-serif',
  dyslexic: 'OpenDyslexic, system-ui, sans-serif',
}

export const colours: Record<Look['colours'], { ink: string; ground: string }> = {
  page: { ink: 'var(--ink)', ground: 'var(--surface)' },
  light: { ink: '#111', ground: '#fff' },
  dark: { ink: '#fff', ground: '#000' },
  yellow: { ink: '#ff0', ground: '#000' },
}

const KEY = 'salon.captions'

/** What was kept on this device, as far as it makes sense. */
export function kept(text: string | null): Look {
  try {
    const found = JSON.parse(text ?? '{}') as Partial<Look>
    const look = { ...USUAL, ...found }
    const sane = look.size >= 75 && look.size <= 300 && look.lines >= 1 && look.lines <= 30 && look.spacing >= 100 && look.spacing <= 250
    return sane && look.family in families && look.colours in colours ? look : USUAL
  } catch {
    return USUAL
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null // a browser that keeps nothing
  }
}

let now = $state.raw<Look>(kept(read()))

export const look = {
  get now() {
    return now
  },
  change(more: Partial<Look>) {
    now = { ...now, ...more }
    try {
      localStorage.setItem(KEY, JSON.stringify(now))
    } catch {
      // It holds until the page is closed.
    }
  },
  reset() {
    look.change(USUAL)
  },
}
