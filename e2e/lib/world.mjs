import { join } from 'node:path'
import { startBrowser } from './browser.mjs'
import { Person } from './person.mjs'
import { startServer } from './server.mjs'
import { addFollowers } from './sql.mjs'
import { writeVoice } from './wav.mjs'

const ENOUGH = 600 // followers the default gate asks of a host

/** One server and one browser, shared by all journeys of a run; every journey brings people of its own. */
export class World {
  #people = []

  static async open() {
    const server = await startServer()
    const voice = join(server.dir, 'voice.wav')
    try {
      await writeVoice(voice)
      return new World(server, await startBrowser(voice))
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  constructor(server, browser) {
    Object.assign(this, { server, browser })
  }

  /** Somebody new, who has not opened a page yet. */
  async visitor(name, options) {
    const person = await Person.arrive(this.browser, this.server.url, name, options)
    this.#people.push(person)
    return person
  }

  /** Somebody new, signed up through the page. */
  async person(name) {
    const person = await this.visitor(name)
    await person.signUp()
    return person
  }

  /** One of the people the demo made up. */
  async demoPerson(handle) {
    const person = await this.visitor(handle)
    await person.playDemo(handle)
    return person
  }

  /** Somebody new who may host. */
  async host(name) {
    const person = await this.person(name)
    await this.followers(person, ENOUGH, { ageDays: 2 })
    return person
  }

  followers(person, n, { ageDays }) {
    return addFollowers(this.server.databaseURL, person.handle, n, { ageDays })
  }

  /** Pictures of what everybody sees, for whoever wants to look at a failure. */
  async shoot(folder, name) {
    for (const [i, { page }] of this.#people.entries()) {
      await page.screenshot({ path: join(folder, `${name}-${i}.png`), fullPage: true }).catch(() => undefined) // who has left is not seen
    }
  }

  /** What everybody's console and the server said last. */
  evidence() {
    const consoles = this.#people.map((person) => `--- console of ${person.name} at ${person.page.url()}\n${person.console.join('\n')}`)
    return [...consoles, `--- server\n${this.server.log.slice(-120).join('\n')}`].join('\n')
  }

  /** Everybody goes home; the server and the browser stay. */
  async empty() {
    await Promise.all(this.#people.splice(0).map((person) => person.context.close()))
  }

  async close() {
    await this.browser.close()
    await this.server.stop()
  }
}

let world

/** The world of this run, opened when first asked for. */
export const theWorld = () => (world ??= World.open())

/** The same browser on a server of its own; whoever asks stops that server. */
export async function ownWorld(wishes) {
  const { browser } = await theWorld()
  return new World(await startServer(wishes), browser)
}

export async function closeWorld() {
  await (await world?.catch(() => null))?.close()
}
