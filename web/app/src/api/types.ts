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
  you_block: boolean
  suspended?: boolean
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
  /** How tickets are paid for; only live moves money. */
  tickets: 'off' | 'simulated' | 'test' | 'live'
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

export type Role = 'host' | 'cohost' | 'speaker' | 'listener' | 'guest'

export interface Person {
  account_id: string
  handle: string
  display_name: string
  /** The person's LiveKit identity in this run of the room. */
  identity: string
  role: Role
  /** May not speak: until the person lifts it, or, with a hard mute, whoever set it. */
  muted: boolean
  hard_muted?: boolean
  present?: boolean
  banned: boolean
  removed?: boolean
  hand_raised_at?: string
  /** What the hand would ask. */
  question?: string
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
  rules: RoomRules
  /** Since when nobody saw the host. */
  host_away_at?: string
  people?: Person[]
  /** How many listen with an account, and without one. */
  listeners?: number
  guests?: number
  hands?: number
  me?: Person
  /** Its door asks for a ticket. The price is in minor units of the currency, 0: free. */
  offer?: { price: number; currency: string; sold_out: boolean }
}

export interface RoomRules {
  entry: 'everyone' | 'followers' | 'invited'
  who_speaks: 'everyone' | 'followed' | 'invited'
  guests: boolean
  locked: boolean
  hands_open: boolean
  reactions: boolean
  capacity: number
  max_speakers: number
  max_cohosts: number
  keep_words: 'live' | 'days' | 'public'
  keep_days: number
}

/** Names a person in a log entry. */
export interface Who {
  id: string
  handle: string
  name: string
}

/** One entry of a room's log, as docs/room-socket.md describes it. */
export interface LogEntry {
  seq: number
  kind: string
  at: string
  actor?: Who
  subject?: Who
  withdrawn?: boolean
  body?: Record<string, unknown>
}

export interface Pin {
  url: string
  title: string
}

/** What everyone in the room sees of it beside its log. */
export interface RoomState {
  room: Room
  stage: Person[]
  listeners: number
  guests: number
  hands: number
  captions?: CaptionStatus
  /** Who writes the captions in place of the machine. */
  captioner?: Who
  pin?: Pin
  pin_seq?: number
}

/** What is being said: it replaces what the same speaker was saying before. */
export interface Partial {
  speaker: Who
  segment: string
  text: string
  start: string
  language: string
}

export interface CaptionStatus {
  state: 'on' | 'starting' | 'no-model' | 'off'
  language?: string
  engine?: string
  model?: string
  local?: boolean
  /** How far behind the newest words are; 0 or none: they are on time. */
  late_seconds?: number
  /** What is left out because the server is busy. */
  load?: '' | 'fewer-updates' | 'finals-only' | 'some-voices'
  /** Milliseconds from a word to the reader, of half the lines and of nearly all. */
  delay_p50_ms?: number
  delay_p95_ms?: number
  /** How much of what is said is captioned. */
  captioned_percent?: number
  /** Seconds of work for a second of sound. */
  rtf?: number
  /** Sound that waits to be recognised. */
  backlog_ms?: number
  /** Sound that was lost because nobody had time for it. */
  dropped_seconds?: number
  /** Why the model of this language cannot be used. */
  reason?: string
  /** The command that adds the language to this server. */
  install?: string
}

/** What only one person sees of a room. */
export interface You {
  role?: Role
  /** What they may do now, by the server's table of powers. */
  may: string[]
  me?: Person
  /** Of their hand in the queue, from 1. */
  place?: number
  /** Raised hands by time, for those who may read it. */
  queue?: Person[]
}

export interface Report {
  id: string
  room_id: string
  title: string
  reporter?: Who
  subject?: Who
  cause: string
  note?: string
  evidence: LogEntry[]
  created_at: string
  outcome?: 'acted' | 'dismissed'
  closed_at?: string
}

export interface AuditEntry {
  id: string
  room_id?: string
  title?: string
  actor?: Who
  subject?: Who
  action: string
  reason?: string
  at: string
}

export interface Pass {
  url: string
  token: string
  identity: string
  role: Role
  expires_at: string
}
