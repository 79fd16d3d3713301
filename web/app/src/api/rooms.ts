import { call } from './call'
import type { LogEntry, Pass, Pin, Room, RoomRules } from './types'

export interface NewRoom {
  title: string
  topics: string[]
  language: string
  /** Go live at once. */
  start?: boolean
  /** Announce this time. */
  starts_at?: string
  /** Handles. */
  cohosts?: string[]
  /** Where they differ from the usual. */
  rules?: { [Rule in keyof RoomRules]?: RoomRules[Rule] }
}

export const createRoom = (room: NewRoom) => call<Room>('POST', '/api/rooms', room)

export const room = (id: string) => `/api/rooms/${encodeURIComponent(id)}`
export const person = (id: string, account: string) => `${room(id)}/people/${encodeURIComponent(account)}`

export const getRoom = (id: string) => call<Room>('GET', room(id))
export const startRoom = (id: string) => call<Room>('POST', `${room(id)}/start`)
export const moveRoom = (id: string, startsAt: string | null) => call<Room>('PATCH', room(id), { starts_at: startsAt })
export const cancelRoom = (id: string) => call<Room>('POST', `${room(id)}/cancel`)
export const endRoom = (id: string) => call<Room>('POST', `${room(id)}/end`)
export const joinRoom = (id: string) => call<Pass>('POST', `${room(id)}/join`)
/** Comes in without an account; a cookie finds the seat again. */
export const joinAsGuest = (id: string) => call<Pass>('POST', `${room(id)}/guest`)

export const raiseHand = (id: string, question = '') =>
  call('PUT', `${room(id)}/hand`, question ? { question } : undefined)
export const lowerHand = (id: string) => call('DELETE', `${room(id)}/hand`)
export const acceptInvitation = (id: string) => call('POST', `${room(id)}/invitation/accept`)
export const declineInvitation = (id: string) => call('POST', `${room(id)}/invitation/decline`)
export const stepDown = (id: string) => call('POST', `${room(id)}/step-down`)

export const unmuteSelf = (id: string) => call('DELETE', `${room(id)}/mute`)
export const react = (id: string, kind: string) => call('POST', `${room(id)}/reactions`, { kind })
export const withdraw = (id: string, seq: number) => call('DELETE', `${room(id)}/log/${seq}`)
export const readLog = (id: string, after: number, limit = 200) =>
  call<{ entries: LogEntry[] }>('GET', `${room(id)}/log?after=${after}&limit=${limit}`)

export const notice = (id: string, text: string) => call('POST', `${room(id)}/notices`, { text })
export const pin = (id: string, link: Pin) => call('PUT', `${room(id)}/pin`, link)
export const unpin = (id: string) => call('DELETE', `${room(id)}/pin`)
export const changeRules = (id: string, rules: Partial<RoomRules>) => call('PATCH', `${room(id)}/rules`, rules)
export const nameHeir = (id: string, handle: string) => call('PUT', `${room(id)}/heir`, { handle })
export const dropHeir = (id: string) => call('DELETE', `${room(id)}/heir`)
export const letIn = (id: string, handle: string) => call('PUT', `${room(id)}/guest-list/${encodeURIComponent(handle)}`)
