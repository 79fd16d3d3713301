import assert from 'node:assert/strict'
import { join } from 'node:path'
import { startBrowser } from '../lib/browser.mjs'
import { journey } from '../lib/journey.mjs'
import { newOwner } from '../lib/owner.mjs'
import { startServing } from '../lib/server.mjs'
import { World } from '../lib/world.mjs'

// A name that is not this machine's own: what browsers think of plain HTTP anywhere but on localhost.
const NAME = 'salon.test'

// What is made up for trying Salon out, and where one meets it.
const MADE_UP = ['/dev/outbox', '/api/accounts/ana_demo']

journey('serve-starts-clean', async (dev) => {
  const server = await startServing(NAME)
  const browser = await startBrowser(join(dev.server.dir, 'voice.wav'), { hosts: [NAME] })
  const world = new World(server, browser)
  try {
    assert.deepEqual(await statuses(dev.server, MADE_UP), [200, 200], 'the control: salon dev has what serve must not have')
    await nothingIsMadeUp(server)
    await pageIsClean(await world.visitor('Vera'))
    await saysWhyThereIsNoMicrophone(world)
    assert.equal(await server.end(), 0, 'told to stop, it ends well')
    await assert.rejects(fetch(`${server.address}/readyz`), 'nothing answers any more')
  } catch (error) {
    console.log(world.evidence())
    throw error
  } finally {
    await browser.close()
    await server.stop()
  }
}, { demo: true })

async function nothingIsMadeUp(server) {
  assert.deepEqual(await statuses(server, ['/readyz', ...MADE_UP]), [200, 404, 404])
  const info = await ask(server, '/api/server')
  assert.deepEqual({ demo: info.demo, outbox: info.outbox }, { demo: undefined, outbox: false })
  const { paths } = await ask(server, '/openapi.json')
  assert.deepEqual(Object.keys(paths).filter((path) => /demo|outbox|simulat/.test(path)), [])
  assert.deepEqual((await ask(server, '/api/rooms')).rooms, [])
}

async function pageIsClean(visitor) {
  await visitor.page.goto('/')
  await visitor.form('Sign in').waitFor()
  await visitor.page.getByText('No room is live right now.').waitFor()
  assert.equal(await visitor.page.getByText(/demo|outbox|made up/i).count(), 0)
}

async function saysWhyThereIsNoMicrophone(world) {
  const owner = await newOwner(world, 'Olga')
  await owner.page.goto('/')
  await owner.startRoom('Over plain HTTP')
  const why = owner.page.getByRole('complementary', { name: 'No microphone on this page.' })
  await why.getByText('Browsers give the microphone only to pages opened over https or on this very computer.').waitFor()
}

function statuses(server, paths) {
  return Promise.all(paths.map(async (path) => (await fetch(server.address + path)).status))
}

async function ask(server, path) {
  return (await fetch(server.address + path)).json()
}
