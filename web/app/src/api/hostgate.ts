// Who may host: where one stands, vouching, and an admin's permission.
import { account } from './accounts'
import { call } from './call'
import type { MyGate, Vouch } from './types'

export const getMyGate = () => call<MyGate>('GET', '/api/me/host-gate')
export const watchGate = () => call('PUT', '/api/me/host-gate/watch')
export const unwatchGate = () => call('DELETE', '/api/me/host-gate/watch')

export const getVouches = () => call<{ given: Vouch[]; received: Vouch[] }>('GET', '/api/me/vouches')
export const vouch = (handle: string) => call('PUT', `${account(handle)}/vouch`)
export const unvouch = (handle: string) => call('DELETE', `${account(handle)}/vouch`)
export const allowHost = (handle: string) => call('PUT', `${account(handle)}/host-permission`)
export const disallowHost = (handle: string) => call('DELETE', `${account(handle)}/host-permission`)
