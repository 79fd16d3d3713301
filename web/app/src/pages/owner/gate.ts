import type { GateRule } from '../../api/types'

export type GateChoice = 'everyone' | 'threshold' | 'allowed'

/** Which of the three choices rules amount to. */
export function choiceOf(rules: GateRule[]): GateChoice {
  if (rules.some((rule) => rule.kind === 'everyone')) return 'everyone'
  return rules.some((rule) => rule.kind === 'followers') ? 'threshold' : 'allowed'
}

/** How many followers the rules ask for, or a first guess. */
export const thresholdOf = (rules: GateRule[]): number => rules.find((rule) => rule.kind === 'followers')?.min ?? 600

/** The rules of a choice. With a threshold, vouchers and permissions stay ways in for whoever is trusted but not followed. */
export function rulesOf(choice: GateChoice, threshold: number, before: GateRule[]): GateRule[] {
  if (choice === 'everyone') return [{ kind: 'everyone' }]
  if (choice === 'allowed') return [{ kind: 'allowed' }]
  const vouchers = before.find((rule) => rule.kind === 'vouchers')?.min ?? 2
  return [{ kind: 'followers', min: threshold }, { kind: 'vouchers', min: vouchers }, { kind: 'allowed' }]
}
