import type { SellingGate } from '../../api/hostgate'

export type SellingChoice = 'hosts' | 'spaces' | 'other'

/** What Twitter Spaces asked of those who sold tickets in 2021: followers, and rooms hosted in the last 30 days. */
export const SPACES = { followers: 1_000, rooms: 3 }

const gates: Record<Exclude<SellingChoice, 'other'>, SellingGate> = {
  hosts: { all: false, paths: [{ kind: 'everyone' }] },
  spaces: { all: true, paths: [{ kind: 'followers', min: SPACES.followers }, { kind: 'hosted', min: SPACES.rooms }] },
}

/** Which of the choices rules amount to. */
export function sellingChoiceOf({ all, paths }: SellingGate): SellingChoice {
  const passed = paths.map(({ kind }) => kind === 'everyone')
  if (all ? passed.every(Boolean) : passed.some(Boolean)) return 'hosts'
  const asked = (kind: string, min: number) => paths.some((path) => path.kind === kind && path.min === min)
  const spaces = all && paths.length === 2 && asked('followers', SPACES.followers) && asked('hosted', SPACES.rooms)
  return spaces ? 'spaces' : 'other'
}

/** The rules of a choice; other leaves them as they were. */
export const sellingGateOf = (choice: SellingChoice, before: SellingGate): SellingGate =>
  choice === 'other' ? before : gates[choice]
