import { after, test } from 'node:test'
import { closeWorld, theWorld } from './world.mjs'

const LIMIT = 120_000

after(closeWorld)

/** One journey: a test that prints its verdict on a line of its own, and on failure what everybody saw. */
export function journey(name, walk) {
  test(name, { timeout: LIMIT }, async () => {
    let world
    try {
      world = await theWorld()
      await walk(world)
      console.log(`journey ${name} ok`)
    } catch (error) {
      console.log(`journey ${name} failed`)
      if (world) console.log(world.evidence())
      throw error
    } finally {
      await world?.empty()
    }
  })
}
