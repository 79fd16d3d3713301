import type { Component } from 'svelte'
import type { LinkKind } from '../../router/match'

type Page = Promise<{ default: Component<{ token: string }> }>

/** What opens a link with a secret; each is loaded when somebody follows one. */
export const linkPages: Record<LinkKind, () => Page> = {
  verify: () => import('./VerifyPage.svelte'),
  reset: () => import('./ResetPage.svelte'),
  enter: () => import('./EnterPage.svelte'),
  invite: () => import('./InvitePage.svelte'),
  owner: () => import('../owner/OwnerPage.svelte'),
}
