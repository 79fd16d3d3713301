import { after, test } from 'node:test'
import { closeWorld, demoWorld, theWorld } from './world.mjs'

const LIMIT = 120_000

after(closeWorld)

/**
 * One journey: a test that prints its verdict on a line of its own, and on failure what everybody saw. With demo it has
 * a server of its own, full of made-up people.
 */
export function journey(name, walk, { demo = false, limit = LIMIT } = {}) {
  test(name, { timeout: limit }, async () => {
    let world
    try {
      world = await (demo ? demoWorld() : theWorld())
      await walk(world)
      console.log(`journey ${name} ok`)
    } catch (error) {
      console.log(`journey ${name} failed`)
      if (world) console.log(world.evidence())
      throw error
    } finally {
      await world?.empty()
      if (demo) await world?.server.stop()
    }
  })
}
