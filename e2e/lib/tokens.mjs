/** Every LiveKit token that reached a page: in answers to /join, in socket addresses, in refreshes the media server sends. */
export class TokenTrap {
  seen = new Set()

  constructor(page) {
    page.on('response', (answer) => this.#fromAnswer(answer))
    page.on('websocket', (socket) => {
      this.#fromText(socket.url())
      socket.on('framereceived', ({ payload }) => this.#fromText(payload.toString('latin1')))
    })
  }

  async #fromAnswer(answer) {
    if (!answer.url().endsWith('/join') || !answer.ok()) return
    const text = await answer.text().catch(() => '') // the page may have moved on meanwhile
    this.#fromText(text)
  }

  #fromText(text) {
    for (const [token] of text.matchAll(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g)) this.seen.add(token)
  }
}

/** What a token says it allows. */
export function grantOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()).video
}

/** Runs in the page: connects with a token as any LiveKit program could, and tries to be heard. */
export async function useToken(token) {
  const room = new window.salonRoom.constructor()
  try {
    await room.connect(location.origin, token, { maxRetries: 0 })
  } catch (error) {
    return { heard: false, connected: false, why: error.message }
  }
  try {
    const allowed = room.localParticipant.permissions?.canPublish ?? false
    room.localParticipant.hasPermissionsToPublish = () => true // ask the server, whatever the library thinks
    const asked = room.localParticipant.setMicrophoneEnabled(true)
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error('no answer to publishing')), 2_000))
    const outcome = await Promise.race([asked, late]).then(() => 'published', (error) => error.message)
    return { heard: allowed || outcome === 'published', connected: true, allowed, why: outcome }
  } finally {
    await room.disconnect()
  }
}
