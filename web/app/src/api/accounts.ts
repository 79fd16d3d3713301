import { call } from './call'
import type { Me, Profile } from './types'

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

export const account = (handle: string) => `/api/accounts/${encodeURIComponent(handle)}`

export const getProfile = (handle: string) => call<Profile>('GET', account(handle))
export const follow = (handle: string) => call('PUT', `${account(handle)}/follow`)
export const unfollow = (handle: string) => call('DELETE', `${account(handle)}/follow`)
