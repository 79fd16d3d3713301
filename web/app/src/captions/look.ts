// How captions look, as the reader chose.

export interface Look {
  /** Of the text, in percent of the page's. */
  size: number
  family: 'system' | 'inter' | 'atkinson' | 'dyslexic' | 'mono'
  /** Colour of the text, as #rrggbb; empty is the page's. */
  ink: string
  /** Colour behind it, likewise. */
  ground: string
  /** Of the ground, in percent. */
  opacity: number
  /** Of the letters. */
  edge: 'none' | 'outline' | 'shadow' | 'raised'
  /** Height of a line, in percent of the text's size. */
  spacing: number
  /** In percent of the place there is. */
  width: number
  /** Among the panels, or fixed at an edge of the window. */
  position: 'page' | 'top' | 'bottom'
  /** How many lines are seen at once. */
  lines: number
  /** Finished lines are handed to the screen reader. */
  aloud: boolean
}

export const USUAL: Look = {
  size: 125, family: 'system', ink: '', ground: '', opacity: 100, edge: 'none', spacing: 150, width: 100, position: 'page', lines: 6, aloud: false,
}

/** The fonts that have a name are served by us; the browser fetches one when it is chosen. */
export const families: Record<Look['family'], string> = {
  system: 'system-ui, sans-serif',
  inter: 'Inter, system-ui, sans-serif',
  atkinson: '"Atkinson Hyperlegible", system-ui, sans-serif',
  dyslexic: 'OpenDyslexic, system-ui, sans-serif',
  mono: 'ui-monospace, monospace',
}

/** Colours that go together. */
export const presets = {
  page: { ink: '', ground: '' },
  light: { ink: '#111111', ground: '#ffffff' },
  dark: { ink: '#ffffff', ground: '#000000' },
  yellow: { ink: '#ffff00', ground: '#000000' },
}

// Between ink and ground, so that an edge is seen on either.
const EDGE = 'color-mix(in srgb, var(--caption-ink) 35%, var(--caption-ground))'

export const edges: Record<Look['edge'], string> = {
  none: 'none',
  outline: ['-', ''].flatMap((x) => ['-', ''].map((y) => `${x}0.05em ${y}0.05em 0 ${EDGE}`)).join(','),
  shadow: `0.08em 0.08em 0.1em ${EDGE}`,
  raised: `0.03em 0.03em 0 ${EDGE},0.06em 0.06em 0 ${EDGE}`,
}

const within = (least: number, most: number) => (value: unknown) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most
const oneOf = (things: object) => (value: unknown) => typeof value === 'string' && Object.hasOwn(things, value)
const colour = (value: unknown) => typeof value === 'string' && /^(#[0-9a-f]{6})?$/.test(value)

const fits: { [Field in keyof Look]: (value: unknown) => boolean } = {
  size: within(75, 300), family: oneOf(families), ink: colour, ground: colour, opacity: within(0, 100), edge: oneOf(edges),
  spacing: within(100, 250), width: within(30, 100), position: oneOf({ page: 0, top: 0, bottom: 0 }), lines: within(1, 30),
  aloud: (value) => typeof value === 'boolean',
}

/** What makes sense of what was kept; the usual for the rest. */
export function sane(found: object): Look {
  const good = Object.entries(found).filter(([field, value]) => Object.hasOwn(fits, field) && fits[field as keyof Look](value))
  return { ...USUAL, ...Object.fromEntries(good) }
}

/** The look as CSS, for the style attribute. */
export function styleOf(look: Look): string {
  const declarations = {
    '--caption-size': `${look.size / 100}rem`,
    '--caption-lines': look.lines,
    '--caption-spacing': look.spacing / 100,
    '--caption-ink': look.ink || 'var(--ink)',
    '--caption-ground': look.ground || 'var(--surface)',
    '--caption-opacity': `${look.opacity}%`,
    'font-family': families[look.family],
    'text-shadow': edges[look.edge],
  }
  return Object.entries(declarations).map(([name, value]) => `${name}:${value}`).join(';')
}
