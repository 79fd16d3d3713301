export type Route =
  | { page: 'lobby' }
  | { page: 'profile'; handle: string }
  | { page: 'room'; id: string }
  | { page: 'link'; kind: LinkKind }
  | { page: 'captions'; id: string }
  | { page: 'ticket'; id: string }
  | { page: 'sales'; id: string }
  | { page: 'plain'; kind: PlainKind }
  | { page: 'missing' }

/** Pages that links lead to whose fragment is a secret: verify an address, set a password, enter, sign up, own. */
const linkKinds = ['verify', 'reset', 'enter', 'invite', 'owner'] as const
export type LinkKind = (typeof linkKinds)[number]

/** Pages that are one address and nothing more. */
const plainKinds = ['vouches', 'invitations', 'reports', 'audit', 'tickets', 'payouts', 'alarms'] as const
export type PlainKind = (typeof plainKinds)[number]

const pageOf = { 'r/': 'room', 'tickets/': 'ticket', 'sales/': 'sales' } as const

/** Which page a path names. */
export function match(path: string): Route {
  if (path === '/') return { page: 'lobby' }
  const link = linkKinds.find((kind) => path === `/${kind}`)
  if (link) return { page: 'link', kind: link }
  const plain = plainKinds.find((kind) => path === `/${kind}`)
  if (plain) return { page: 'plain', kind: plain }
  const [, room] = path.match(/^\/r\/([^/]+)\/captions$/) ?? []
  if (room) return { page: 'captions', id: decode(room) ?? '' }
  const [, kind, rest] = path.match(/^\/(@|r\/|tickets\/|sales\/)([^/]+)\/?$/) ?? []
  const name = rest && decode(rest)
  if (!name) return { page: 'missing' }
  if (kind === '@') return { page: 'profile', handle: name }
  return { page: pageOf[kind as keyof typeof pageOf], id: name }
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
