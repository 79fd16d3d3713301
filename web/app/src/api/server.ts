import { call } from './call'
import type { GateRule, Me, ServerInfo } from './types'

export const getServer = () => call<ServerInfo>('GET', '/api/server')

export const becomeOwner = (token: string) => call<Me>('POST', '/api/owner', { token })
export const getGateRules = async () => (await call<{ paths: GateRule[] }>('GET', '/api/host-gate')).paths
export const setGateRules = (paths: GateRule[]) => call<{ paths: GateRule[] }>('PUT', '/api/host-gate', { paths })

export const demoSignIn = (handle: string) => call<Me>('POST', '/api/demo/sessions', { handle })
export const removeDemo = () => call('DELETE', '/api/demo')
