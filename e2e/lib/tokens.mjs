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
