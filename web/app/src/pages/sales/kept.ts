// What was typed into an offer that was refused: it outlives the way to Stripe and back, in this tab.
import type { Draft } from './draft'

const KEY = 'salon.offer'

interface Kept {
  room: string
  draft: Draft
}

export function keepDraft(room: string, draft: Draft) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ room, draft } satisfies Kept))
  } catch {
    // Storage may be switched off; the offer is then typed again.
  }
}

export const keptDraft = (room: string): Draft | undefined => (read()?.room === room ? read()?.draft : undefined)

/** The room whose offer is waiting. */
export const keptRoom = (): string | undefined => read()?.room

export function dropDraft() {
  try {
    sessionStorage.removeItem(KEY)
  } catch {
    // There is none, then.
  }
}

function read(): Kept | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}
