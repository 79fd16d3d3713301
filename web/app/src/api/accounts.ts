import { call } from './call'
import type { GateAnswer, Me, Profile } from './types'

export interface NewAccount {
  handle: string
  display_name: string
  email: string
  password: string
  language: string
  time_zone: string
  /** Code of an invitation. */
  invitation?: string
}

export const signUp = (account: NewAccount) => call<Me>('POST', '/api/accounts', account)
export const signIn = (login: string, password: string) => call<Me>('POST', '/api/sessions', { login, password })
export const signOut = () => call('DELETE', '/api/session')
export const getMe = () => call<Me>('GET', '/api/me')
export const getMyGate = () => call<GateAnswer>('GET', '/api/me/host-gate')

const account = (handle: string) => `/api/accounts/${encodeURIComponent(handle)}`

export const getProfile = (handle: string) => call<Profile>('GET', account(handle))
export const follow = (handle: string) => call('PUT', `${account(handle)}/follow`)
export const unfollow = (handle: string) => call('DELETE', `${account(handle)}/follow`)
export const vouch = (handle: string) => call('PUT', `${account(handle)}/vouch`)
export const unvouch = (handle: string) => call('DELETE', `${account(handle)}/vouch`)
export const allowHost = (handle: string) => call('PUT', `${account(handle)}/host-permission`)
export const disallowHost = (handle: string) => call('DELETE', `${account(handle)}/host-permission`)
