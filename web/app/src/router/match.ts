export type Route =
  | { page: 'lobby' }
  | { page: 'profile'; handle: string }
  | { page: 'room'; id: string }
  | { page: 'missing' }

/** Which page a path names. */
export function match(path: string): Route {
  if (path === '/') return { page: 'lobby' }
  const [, kind, rest] = path.match(/^\/(@|r\/)([^/]+)\/?$/) ?? []
  const name = rest && decode(rest)
  if (!name) return { page: 'missing' }
  return kind === '@' ? { page: 'profile', handle: name } : { page: 'room', id: name }
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
