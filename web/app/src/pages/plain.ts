import type { Component } from 'svelte'
import type { PlainKind } from '../router/match'

/** The pages that are one address, each loaded when somebody goes there. */
export const plainPages: Record<PlainKind, () => Promise<{ default: Component }>> = {
  vouches: () => import('./vouches/VouchesPage.svelte'),
  reports: () => import('./reports/ReportsPage.svelte'),
  audit: () => import('./audit/AuditPage.svelte'),
  invitations: () => import('./invitations/InvitationsPage.svelte'),
}
