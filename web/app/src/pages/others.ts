import type { Component } from 'svelte'
import type { Route } from '../router/match'

type Loaded = { default: Component<{ token: string; id: string }> }

/** Every page but the few that most visits begin with; each is loaded when somebody goes there, and this list with the first. */
const pages: Record<string, () => Promise<unknown>> = {
  captions: () => import('./captions/CaptionsPage.svelte'),
  verify: () => import('./links/VerifyPage.svelte'),
  reset: () => import('./links/ResetPage.svelte'),
  enter: () => import('./links/EnterPage.svelte'),
  invite: () => import('./links/InvitePage.svelte'),
  owner: () => import('./owner/OwnerPage.svelte'),
  vouches: () => import('./vouches/VouchesPage.svelte'),
  reports: () => import('./reports/ReportsPage.svelte'),
  audit: () => import('./audit/AuditPage.svelte'),
  invitations: () => import('./invitations/InvitationsPage.svelte'),
  tickets: () => import('./tickets/TicketsPage.svelte'),
  ticket: () => import('./tickets/TicketPage.svelte'),
  payouts: () => import('./payouts/PayoutsPage.svelte'),
  sales: () => import('./sales/SalesPage.svelte'),
  alarms: () => import('./alarms/AlarmsPage.svelte'),
  missing: () => import('./Missing.svelte'),
}

/** The page of a route. What a page does not need of the properties it ignores. */
export const pageOf = (route: Route) =>
  (pages['kind' in route ? route.kind : route.page] ?? pages.missing)?.() as Promise<Loaded>
