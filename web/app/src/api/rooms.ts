import { call } from './call'
import type { Pass, Room } from './types'

export interface NewRoom {
  title: string
  topics: string[]
  language: string
  /** Go live at once. */
  start?: boolean
  /** Announce this time. */
  starts_at?: string
}

export const listRooms = async () => (await call<{ rooms: Room[] }>('GET', '/api/rooms')).rooms
export const createRoom = (room: NewRoom) => call<Room>('POST', '/api/rooms', room)

const room = (id: string) => `/api/rooms/${encodeURIComponent(id)}`
const person = (id: string, account: string) => `${room(id)}/people/${encodeURIComponent(account)}`

export const getRoom = (id: string) => call<Room>('GET', room(id))
export const startRoom = (id: string) => call<Room>('POST', `${room(id)}/start`)
export const moveRoom = (id: string, startsAt: string | null) => call<Room>('PATCH', room(id), { starts_at: startsAt })
export const cancelRoom = (id: string) => call<Room>('POST', `${room(id)}/cancel`)
export const endRoom = (id: string) => call<Room>('POST', `${room(id)}/end`)
export const joinRoom = (id: string) => call<Pass>('POST', `${room(id)}/join`)

export const raiseHand = (id: string) => call('PUT', `${room(id)}/hand`)
export const lowerHand = (id: string) => call('DELETE', `${room(id)}/hand`)
export const acceptInvitation = (id: string) => call('POST', `${room(id)}/invitation/accept`)
export const declineInvitation = (id: string) => call('POST', `${room(id)}/invitation/decline`)
export const stepDown = (id: string) => call('POST', `${room(id)}/step-down`)

export const invite = (id: string, account: string) => call('PUT', `${person(id, account)}/invitation`)
export const uninvite = (id: string, account: string) => call('DELETE', `${person(id, account)}/invitation`)
export const pullDown = (id: string, account: string) => call('POST', `${person(id, account)}/pull-down`)
export const mute = (id: string, account: string) => call('PUT', `${person(id, account)}/mute`)
export const unmute = (id: string, account: string) => call('DELETE', `${person(id, account)}/mute`)
export const ban = (id: string, account: string) => call('PUT', `${person(id, account)}/ban`)
export const unban = (id: string, account: string) => call('DELETE', `${person(id, account)}/ban`)
