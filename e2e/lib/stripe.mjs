/** The simulated Stripe of a server, as whoever holds the platform's key sees it. */
export class Stripe {
  static async of(server) {
    const { stripe_url, stripe_key } = await server.run()
    return new Stripe(stripe_url, stripe_key)
  }

  constructor(url, key) {
    Object.assign(this, { url, key })
  }

  /** Everything in one of Stripe's lists, oldest first; of a connected account, with its id. */
  async all(list, account) {
    const { data, has_more } = await this.get(`/v1/${list}?limit=100`, account)
    if (has_more) throw new Error(`more than 100 ${list}`)
    return data.reverse()
  }

  async get(path, account) {
    const headers = { Authorization: `Bearer ${this.key}`, ...(account && { 'Stripe-Account': account }) }
    const answer = await fetch(this.url + path, { headers })
    if (!answer.ok) throw new Error(`${answer.status} GET ${path}: ${await answer.text()}`)
    return answer.json()
  }
}
