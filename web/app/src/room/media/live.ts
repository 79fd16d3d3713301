// What the sound of a room looks like to the rest of the app, without a word of LiveKit.

export type MicMode = 'speech' | 'music'

export interface LivePerson {
  micOn: boolean
  speaking: boolean
}

export interface Live {
  /** By LiveKit identity: everyone who is connected now, oneself included. */
  people: Readonly<Record<string, LivePerson>>
  /** Whether the media server lets us publish now. */
  canPublish: boolean
  micOn: boolean
  link: 'none' | 'connected' | 'reconnecting'
  /** The browser wants a tap before it plays sound. */
  playbackBlocked: boolean
}

export const SILENT: Live = { people: {}, canPublish: false, micOn: false, link: 'none', playbackBlocked: false }

/** Why a connection that stood is gone: another window took it, or it broke. */
export type Loss = 'replaced' | 'dropped'

/** The server can be reached, but no way for sound was found. */
export class NoMedia extends Error {}

export interface MediaListener {
  changed(live: Live): void
  lost(loss: Loss): void
}
