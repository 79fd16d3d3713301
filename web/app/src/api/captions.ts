import { call } from './call'
import { room } from './rooms'
import type { Who } from './types'

/** A line that a captioner writes, and who said it. */
export interface Written {
  segment: string
  /** Account id. */
  speaker: string
  text: string
}

const captioner = (id: string, handle: string) => `${room(id)}/captioners/${encodeURIComponent(handle)}`

export const listCaptioners = async (id: string) => (await call<{ captioners: Who[] | null }>('GET', `${room(id)}/captioners`)).captioners ?? []
export const nameCaptioner = (id: string, handle: string) => call('PUT', captioner(id, handle))
export const dropCaptioner = (id: string, handle: string) => call('DELETE', captioner(id, handle))
export const takeChair = (id: string) => call('PUT', `${room(id)}/chair`)
export const leaveChair = (id: string) => call('DELETE', `${room(id)}/chair`)
/** `began` is how many milliseconds ago the writing began. */
export const writeCaption = (id: string, line: Written, began: number) =>
  call('POST', `${room(id)}/captions`, { ...line, began_ms: Math.min(60_000, Math.max(0, Math.round(began))) })
/** Shows a line while it is written; an empty text takes it back. */
export const draftCaption = (id: string, line: Written) => call('PUT', `${room(id)}/captions/draft`, line)
export const correctCaption = (id: string, seq: number, text: string) => call('PATCH', `${room(id)}/captions/${seq}`, { text })
