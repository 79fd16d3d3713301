import { call } from './call'
import type { Invitation } from './types'

export const listInvitations = () => call<{ invitations: Invitation[] }>('GET', '/api/invitations')
export const invite = (email: string, days: number) =>
  call<{ link: string }>('POST', '/api/invitations', { ...(email && { email }), expires_in_days: days })
export const withdrawInvitation = (id: string) => call('DELETE', `/api/invitations/${id}`)
