import { afterEach, expect, it, vi } from 'vitest'
import { call } from './call'
import { asProblem, Problem } from './problem'

afterEach(() => vi.unstubAllGlobals())

function answering(answer: Response | Error) {
  const fetch = vi.fn(() => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

const thrownBy = (promise: Promise<unknown>): Promise<Problem> => promise.then(() => Promise.reject('no problem'), (e) => e)

it('asks in the language of the page and hands over what is answered', async () => {
  const fetch = answering(Response.json({ rooms: [] }))
  expect(await call('GET', '/api/rooms')).toEqual({ rooms: [] })
  const asked = expect.objectContaining({ headers: expect.objectContaining({ 'Accept-Language': 'en' }) })
  expect(fetch).toHaveBeenCalledWith('/api/rooms', asked)
})

it('takes an answer without content for done', async () => {
  answering(new Response(null, { status: 204 }))
  expect(await call('PUT', '/api/rooms/1/hand')).toBeUndefined()
  answering(new Response('', { status: 202 }))
  expect(await call('POST', '/api/magic-links', {})).toBeUndefined()
})

it('shows the server’s own sentence and next step', async () => {
  const gate = { passed: false, sentence: '', next_step: '', paths: [] }
  const body = { status: 403, kind: 'host-gate', detail: 'You may not host yet.', next_step: 'Wait.', gate }
  answering(Response.json(body, { status: 403 }))
  const problem = await thrownBy(call('POST', '/api/rooms', {}))
  expect(problem).toMatchObject({ message: 'You may not host yet.', nextStep: 'Wait.', kind: 'host-gate', gate, final: true })
})

it('hands over what a refusal to sell says besides', async () => {
  answering(Response.json({ kind: 'payments-busy', detail: 'Many pay.', retry_after: 4, ahead: 12, order: 'o' }, { status: 503 }))
  const problem = await thrownBy(call('POST', '/api/orders/o/checkout'))
  expect(problem).toMatchObject({ kind: 'payments-busy', retryAfter: 4, ahead: 12, order: 'o', final: false })
})

it('finds words for an answer without any, and for none at all', async () => {
  answering(new Response('<h1>Bad gateway</h1>', { status: 502 }))
  expect(await thrownBy(call('GET', '/api/rooms'))).toMatchObject({
    message: 'The server refused without saying why (status 502).',
    final: false,
  })
  answering(new TypeError('failed to fetch'))
  expect(await thrownBy(call('GET', '/api/rooms'))).toMatchObject({ kind: 'unreachable', final: false })
})

it.each([
  [401, true],
  [410, true],
  [429, false],
  [503, false],
])('status %i is final: %s', (status, final) => {
  expect(new Problem({ status, detail: 'x' }).final).toBe(final)
})

it('makes anything thrown showable', () => {
  expect(asProblem(new Error('boom')).message).toContain('boom')
  expect(asProblem('thing').message).toContain('thing')
})
