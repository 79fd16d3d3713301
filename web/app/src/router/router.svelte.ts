import { match } from './match'

let path = $state(location.pathname)
let fragment = $state(location.hash.slice(1))
let moved = $state(false)
const route = $derived(match(path))

export const router = {
  get path() {
    return path
  },
  /** What follows # in the address: the secret of a link. */
  get fragment() {
    return fragment
  },
  /** Takes a secret that is used up out of the address and the history, without leaving the page. */
  forgetFragment() {
    history.replaceState(null, '', location.pathname)
  },
  get route() {
    return route
  },
  /** Whether the reader came here from another page of the app; then the new heading takes the focus. */
  get moved() {
    return moved
  },
  go(to: string) {
    history.pushState(null, '', to)
    arrive()
    scrollTo(0, 0)
  },
}

function arrive() {
  moved = true
  path = location.pathname
  fragment = location.hash.slice(1)
}

/** Turns plain clicks on the app's own links into a change of page without a reload. */
export function followLinks(): () => void {
  document.addEventListener('click', onClick)
  addEventListener('popstate', arrive)
  return () => {
    document.removeEventListener('click', onClick)
    removeEventListener('popstate', arrive)
  }
}

function onClick(event: MouseEvent) {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element).closest('a')
  if (!link || link.target || link.origin !== location.origin || match(link.pathname).page === 'missing') return
  if (link.hash && link.pathname === location.pathname) return
  event.preventDefault()
  if (link.pathname !== location.pathname) router.go(link.pathname + link.hash)
}
