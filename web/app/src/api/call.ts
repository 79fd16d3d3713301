import { m } from '../i18n/paraglide/messages.js'
import { getLocale } from '../i18n/paraglide/runtime.js'
import { Problem, problemOf } from './problem'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One request to the API. Every failure arrives as a Problem whose sentence is in the page's language. */
export async function call<Answer = void>(method: Method, path: string, body?: object): Promise<Answer> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': getLocale() }
  if (body) headers['Content-Type'] = 'application/json'
  let answer: Response
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) })
  } catch {
    throw new Problem({ kind: 'unreachable', detail: m.problem_unreachable() })
  }
  if (!answer.ok) throw await problemOf(answer)
  const text = await answer.text()
  return (text ? JSON.parse(text) : undefined) as Answer
}
