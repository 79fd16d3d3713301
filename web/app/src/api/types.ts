// What the server's HTTP API says, by the words of its contract. Times are RFC 3339.

export interface Profile {
  id: string
  handle: string
  display_name: string
  created_at: string
  followers: number
  following: number
  you_follow: boolean
  you_vouch: boolean
}

export interface Me extends Profile {
  email: string
  language: string
  time_zone: string
  admin: boolean
  owner?: boolean
  /** The address is proved by a link that was mailed to it. */
  verified: boolean
}

export interface ServerInfo {
  sign_up: { mode: 'open' | 'invitation' | 'closed'; domains: string[] }
  /** Whether it can send links by mail. */
  mail: boolean
  version: string
  /** What is made up, on a server that is being tried out. */
  demo?: Demo
  /** Whether mails are kept to be read here instead of sent. */
  outbox?: boolean
}

export interface Demo {
  /** Handles of the made-up people. */
  people: string[]
  room?: string
  /** The recorded voices are missing. */
  silent: boolean
}

/** One way to become a host, as an admin sets it. */
export interface GateRule {
  kind: string
  min?: number
}

export interface GatePath {
  kind: string
  passed: boolean
  have: number
  need: number
  pending: number
  pending_at?: string
}

export interface GateAnswer {
  passed: boolean
  sentence: string
  next_step: string
  paths: GatePath[]
}

/** Where one stands at the gate, and whether one asked to be told of a change. */
export interface MyGate extends GateAnswer {
  watching: boolean
  /** Since asking, one may host. */
  passed_at?: string
}

/** One vouch, named by the person at its other end. */
export interface Vouch {
  account_id: string
  handle: string
  display_name: string
  created_at: string
}

export interface Invitation {
  id: string
  /** The only address it may be used for. */
  email?: string
  /** Handle. */
  used_by?: string
  used_at?: string
  expires_at: string
}

export type Role = 'host' | 'speaker' | 'listener'

export interface Person {
  account_id: string
  handle: string
  display_name: string
  /** The person's LiveKit identity in this run of the room. */
  identity: string
  role: Role
  /** Muted by the host: the person may not publish until it is lifted. */
  muted: boolean
  banned: boolean
  hand_raised_at?: string
  invited_at?: string
  joined_at?: string
}

export interface Room {
  id: string
  title: string
  topics: string[]
  language: string
  status: 'scheduled' | 'live' | 'ended' | 'cancelled'
  host: { id: string; handle: string; display_name: string }
  created_at: string
  /** Announced. */
  starts_at?: string
  started_at?: string
  ended_at?: string
  people?: Person[]
  me?: Person
}

export interface Pass {
  url: string
  token: string
  identity: string
  role: Role
  expires_at: string
}
