import { m } from '../i18n/paraglide/messages.js'
import type { GateAnswer } from './types'

interface ProblemBody {
  status?: number
  kind?: string
  detail?: string
  next_step?: string
  gate?: GateAnswer
  order?: string
  ahead?: number
  retry_after?: number
}

/** Why something was refused or failed, in words for people. Its message is the sentence to show. */
export class Problem extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  readonly kind: string
  readonly nextStep: string
  readonly gate?: GateAnswer
  /** The order by which one has a seat already. */
  readonly order?: string
  /** How many come before. */
  readonly ahead?: number
  /** Seconds after which to ask again. */
  readonly retryAfter?: number

  constructor(body: ProblemBody) {
    super(body.detail || m.problem_unknown({ status: body.status ?? 0 }))
    this.status = body.status ?? 0
    this.kind = body.kind ?? 'unknown'
    this.nextStep = body.next_step ?? ''
    this.gate = body.gate
    this.order = body.order
    this.ahead = body.ahead
    this.retryAfter = body.retry_after
  }

  /** A refusal stays a refusal however often one asks again; being slow, early or too eager passes. */
  get final(): boolean {
    return this.status >= 400 && this.status < 500 && ![408, 425, 429].includes(this.status)
  }
}

/** Reads the problem an answer carries; an answer without one still becomes words. */
export async function problemOf(answer: Response): Promise<Problem> {
  const body: ProblemBody = await answer.json().catch(() => ({}))
  return new Problem({ ...body, status: answer.status })
}

/** Makes whatever was thrown showable. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new Problem({ kind: 'unexpected', detail: m.problem_unexpected({ reason }) })
}
