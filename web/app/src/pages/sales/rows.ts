import type { Statement, Sums } from '../../api/tickets'
import { m } from '../../i18n/paraglide/messages.js'

export interface Row {
  what: string
  /** In minor units; what goes away is negative, so that the rows add up. */
  amount: number
  /** Says more of the row above, and is no summand. */
  part?: boolean
  /** Of all that are no parts. */
  sum?: boolean
}

/** The rows of a statement: all but the parts add up to the last. */
export function rowsOf(statement: Statement): Row[] {
  const { gross, refunded, cut, processing, absorbed, net, tax, tiers } = statement
  const rows: Row[] = [
    { what: m.statement_gross(), amount: gross },
    ...(tax ? [{ what: m.statement_tax(), amount: tax, part: true }] : []),
    { what: m.statement_refunded(), amount: minus(refunded) },
    { what: m.statement_cut(), amount: minus(cut) },
    ...(tiers.length > 1 ? tiers : []).map(({ tier, cut }) => ({ what: tierWords(tier), amount: minus(cut), part: true })),
    { what: m.statement_processing(), amount: minus(processing) },
    ...(absorbed ? [{ what: m.statement_absorbed(), amount: absorbed }] : []),
    { what: m.statement_net(), amount: net, sum: true },
  ]
  return rows
}

const tierWords = (tier: number) => (tier ? m.statement_tier({ tier }) : m.statement_fixed())

/** What one order adds to each column, in the order of columns(). */
export const amountsOf = (line: Sums): number[] =>
  [line.gross, minus(line.refunded), minus(line.cut), minus(line.processing), line.absorbed, line.net]

/** The columns of the table of orders that are amounts. */
export const columns = () =>
  [m.statement_gross(), m.statement_refunded(), m.statement_cut(), m.statement_processing(), m.statement_absorbed(), m.statement_net()]

const minus = (amount: number) => (amount ? -amount : 0) // never -0
