import { expect, it } from 'vitest'
import { match } from './match'

it.each([
  ['/', { page: 'lobby' }],
  ['/@ada', { page: 'profile', handle: 'ada' }],
  ['/r/0190-af', { page: 'room', id: '0190-af' }],
  ['/r/0190-af/', { page: 'room', id: '0190-af' }],
  ['/@', { page: 'missing' }],
  ['/r/', { page: 'missing' }],
  ['/r/a/b', { page: 'missing' }],
  ['/@%E0%A4%A', { page: 'missing' }],
  ['/verify', { page: 'link', kind: 'verify' }],
  ['/owner', { page: 'link', kind: 'owner' }],
  ['/r/0190-af/captions', { page: 'captions', id: '0190-af' }],
  ['/tickets', { page: 'plain', kind: 'tickets' }],
  ['/tickets/0190-af', { page: 'ticket', id: '0190-af' }],
  ['/tickets/a/b', { page: 'missing' }],
  ['/payouts', { page: 'plain', kind: 'payouts' }],
  ['/alarms', { page: 'plain', kind: 'alarms' }],
  ['/sales/0190-af', { page: 'sales', id: '0190-af' }],
  ['/sales', { page: 'missing' }],
  ['/vouches', { page: 'plain', kind: 'vouches' }],
  ['/verify/a', { page: 'missing' }],
  ['/elsewhere', { page: 'missing' }],
])('%s', (path, route) => {
  expect(match(path)).toEqual(route)
})
