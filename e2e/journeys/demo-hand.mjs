import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { Person } from '../lib/person.mjs'
import { startServer } from '../lib/server.mjs'

journey('demo-hand', async (world) => {
  const server = await startServer({ demo: true })
  const people = []
  const arrive = async (name) => {
    people.push(await Person.arrive(world.browser, server.url, name))
    return people.at(-1)
  }
  try {
    const noor = await arrive('Noor')
    await noor.page.goto('/')
    await noor.page.getByText('This is a demo.').waitFor()
    await noor.button('Sign in as @noor_demo').click()
    await noor.page.getByRole('link', { name: 'Go to the demo room' }).click()
    await noor.join()

    const newcomer = await arrive('Nell')
    await newcomer.signUp()
    await newcomer.join(new URL(noor.page.url()).pathname)
    await newcomer.button('Raise hand').click()
    await newcomer.button('Accept').click()
    await newcomer.turnMicrophoneOn()

    const { first, last } = await hearsMore(noor.page, newcomer.identity)
    assert.ok(last.energy > first.energy, 'the newcomer is heard in the demo room')
  } catch (error) {
    console.log(server.log.slice(-60).join('\n'))
    throw error
  } finally {
    await Promise.all(people.map((person) => person.context.close()))
    await server.stop()
  }
})
