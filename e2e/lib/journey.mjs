import { after, test } from 'node:test'
import { closeWorld, ownWorld, theWorld } from './world.mjs'

const LIMIT = 120_000
const SHOTS = process.env.SALON_SHOTS // a folder

after(closeWorld)

/**
 * One journey: a test that prints its verdict on a line of its own, and on failure what everybody saw. With settings or
 * demo, which is full of made-up people, it has a server of its own.
 */
export function journey(name, walk, { demo = false, settings, limit = LIMIT } = {}) {
  const own = demo || settings
  test(name, { timeout: limit }, async () => {
    let world
    try {
      world = await (own ? ownWorld({ demo, settings }) : theWorld())
      await walk(world)
      console.log(`journey ${name} ok`)
    } catch (error) {
      console.log(`journey ${name} failed`)
      if (world) console.log(world.evidence())
      if (SHOTS) await world?.shoot(SHOTS, name)
      throw error
    } finally {
      await world?.empty()
      if (own) await world?.server.stop()
    }
  })
}
