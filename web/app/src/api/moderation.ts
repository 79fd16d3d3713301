// What is done to people in a room, and what becomes of reports.
import { call } from './call'
import { person, room } from './rooms'
import type { AuditEntry, Report } from './types'

const why = (reason: string) => (reason ? { reason } : undefined)

export const approve = (id: string, account: string) => call('POST', `${person(id, account)}/hand/accept`)
export const declineHand = (id: string, account: string) => call('DELETE', `${person(id, account)}/hand`)
export const showQuestion = (id: string, account: string) => call('POST', `${person(id, account)}/hand/question`)
export const invite = (id: string, account: string) => call('PUT', `${person(id, account)}/invitation`)
export const uninvite = (id: string, account: string) => call('DELETE', `${person(id, account)}/invitation`)
export const pullDown = (id: string, account: string) => call('POST', `${person(id, account)}/pull-down`)
export const mute = (id: string, account: string) => call('PUT', `${person(id, account)}/mute`)
export const hardMute = (id: string, account: string) => call('PUT', `${person(id, account)}/hard-mute`)
export const unmute = (id: string, account: string) => call('DELETE', `${person(id, account)}/mute`)
export const remove = (id: string, account: string, reason = '') => call('POST', `${person(id, account)}/remove`, why(reason))
export const ban = (id: string, account: string, reason = '') => call('PUT', `${person(id, account)}/ban`, why(reason))
export const unban = (id: string, account: string) => call('DELETE', `${person(id, account)}/ban`)
export const makeCohost = (id: string, account: string) => call('PUT', `${person(id, account)}/cohost`)
export const dropCohost = (id: string, account: string) => call('DELETE', `${person(id, account)}/cohost`)
export const handOver = (id: string, account: string) => call('POST', `${person(id, account)}/hand-over`)

export const muteAll = (id: string) => call('POST', `${room(id)}/mute-all`)
export const lowerAll = (id: string) => call('POST', `${room(id)}/lower-hands`)
export const panic = (id: string) => call('POST', `${room(id)}/panic`)
export const removeRecent = (id: string, minutes: number) => call('POST', `${room(id)}/remove-recent`, { minutes })

export const causes = ['harassment', 'hate', 'spam', 'danger', 'other'] as const
export const report = (id: string, account: string, cause: string, note: string) =>
  call('POST', `${person(id, account)}/reports`, { cause, ...(note && { note }) })
export const listReports = async () => (await call<{ reports: Report[] }>('GET', '/api/reports')).reports
export const closeReport = (id: string, outcome: 'acted' | 'dismissed') =>
  call('POST', `/api/reports/${encodeURIComponent(id)}/close`, { outcome })
export const roomAudit = async (id: string) => (await call<{ entries: AuditEntry[] }>('GET', `${room(id)}/audit`)).entries
export const myAudit = async () => (await call<{ entries: AuditEntry[] }>('GET', '/api/me/audit')).entries

const account = (handle: string) => `/api/accounts/${encodeURIComponent(handle)}`
export const block = (handle: string) => call('PUT', `${account(handle)}/block`)
export const unblock = (handle: string) => call('DELETE', `${account(handle)}/block`)
export const suspend = (handle: string, reason: string) => call('PUT', `${account(handle)}/suspension`, why(reason))
export const unsuspend = (handle: string) => call('DELETE', `${account(handle)}/suspension`)
