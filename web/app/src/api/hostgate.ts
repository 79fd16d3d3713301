// Who may host, and who may sell seats: where one stands, vouching, an admin's permission, and the rules.
import { account } from './accounts'
import { call } from './call'
import type { GateRule, MyGate, Vouch } from './types'

/** Who may sell: by every path that is listed, or by any one of them. */
export interface SellingGate {
  all: boolean
  paths: GateRule[]
}

export const getMyGate = () => call<MyGate>('GET', '/api/me/host-gate')
export const watchGate = () => call('PUT', '/api/me/host-gate/watch')
export const unwatchGate = () => call('DELETE', '/api/me/host-gate/watch')

export const getVouches = () => call<{ given: Vouch[]; received: Vouch[] }>('GET', '/api/me/vouches')
export const vouch = (handle: string) => call('PUT', `${account(handle)}/vouch`)
export const unvouch = (handle: string) => call('DELETE', `${account(handle)}/vouch`)
export const allowHost = (handle: string) => call('PUT', `${account(handle)}/host-permission`)
export const disallowHost = (handle: string) => call('DELETE', `${account(handle)}/host-permission`)

export const getSellingGate = () => call<SellingGate>('GET', '/api/selling-gate')
export const setSellingGate = (gate: SellingGate) => call<SellingGate>('PUT', '/api/selling-gate', gate)
