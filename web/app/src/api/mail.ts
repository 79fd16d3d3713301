// What mailed links do, and having them mailed.
import { call } from './call'
import type { Me } from './types'

export const verifyAddress = (token: string) => call('POST', '/api/verification', { token })
export const mailVerification = () => call('POST', '/api/me/verification')
export const mailReset = (login: string) => call('POST', '/api/password-resets', { login })
export const setPassword = (token: string, password: string) =>
  call('POST', '/api/password-resets/complete', { token, password })
export const mailLink = (login: string) => call('POST', '/api/magic-links', { login })
export const signInByLink = (token: string) => call<Me>('POST', '/api/sessions/by-link', { token })
