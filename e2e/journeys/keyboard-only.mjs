import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { Keyboard } from '../lib/keyboard.mjs'
import { PASSWORD } from '../lib/person.mjs'
import { until } from '../lib/until.mjs'

journey('keyboard-only', async (world) => {
  const [host, listener] = [await signedOut(await world.host('Hedy')), await signedOut(await world.person('Lise'))]
  const [hosts, listens] = [await Keyboard.of(host), await Keyboard.of(listener)]

  const path = await openRoom(hosts, host)
  await signIn(listens, listener, path)
  await listens.press('button', 'Join')
  await listener.button('Leave quietly').waitFor()

  await turn(hosts, 'Turn microphone on', 'Turn microphone off')
  await hearsMore(listener.page, await identityOf(host))
  await turn(hosts, 'Turn microphone off', 'Turn microphone on', 'Space')

  await turn(listens, 'Raise hand', 'Lower hand')
  await host.named('Raised hands', listener).waitFor()
  await turn(listens, 'Lower hand', 'Raise hand', 'Space')
  await host.named('Raised hands', listener).waitFor({ state: 'detached' })
  await turn(listens, 'Raise hand', 'Lower hand')

  await hosts.press('button', `Bring up ${listener.name}`)
  await turn(listens, 'Turn microphone on', 'Turn microphone off')
  await hearsMore(host.page, await identityOf(listener))
  await host.named('On stage', listener).waitFor()
  await hosts.press('button', `More ${listener.name}`)
  await hosts.press('button', 'Mute')
  await listens.press('button', 'Unmute')
  await listener.button('Turn microphone off').waitFor()
  await hearsMore(host.page, await identityOf(listener))

  await listens.press('button', 'Step down')
  await listener.button('Raise hand').waitFor()
  await listens.press('button', 'Leave quietly')
  await listener.button('Join').waitFor()

  await hosts.press('button', 'End the room')
  await hosts.press('button', 'Yes, end it')
  await host.page.getByText('This room has ended.').first().waitFor()

  for (const keys of [hosts, listens]) assert.deepEqual(keys.touched, [], 'only the keyboard was used')
  await host.page.getByRole('link', { name: 'See all rooms' }).click()
  await until('the control is noticed: a click', () => hosts.touched.length > 0)
})

async function signedOut(person) {
  await person.page.goto('/')
  await person.signOut()
  return person
}

async function signIn(keys, person, path) {
  await person.page.goto(path)
  await keys.write('Handle or e-mail', person.handle)
  await keys.write('Password', PASSWORD)
  await person.page.keyboard.press('Enter')
  await person.page.getByRole('link', { name: `@${person.handle}`, exact: true }).waitFor()
}

/** Signs in, creates a room that starts at once and comes in; returns its path. */
async function openRoom(keys, host) {
  await signIn(keys, host, '/')
  await keys.write('Title', 'Without a mouse')
  await keys.to('combobox', 'Spoken language')
  await host.page.keyboard.press('ArrowDown')
  await keys.press('button', 'Create room')
  await host.page.waitForURL(/\/r\//)
  await keys.press('button', 'Join')
  await host.button('Leave quietly').waitFor()
  return new URL(host.page.url()).pathname
}

/** Presses the button, whose name then says what pressing it again would do. */
async function turn(keys, from, to, key) {
  await keys.press('button', from, key)
  await keys.page.getByRole('button', { name: to, exact: true }).waitFor()
}

function identityOf(person) {
  return person.page.evaluate(() => window.salonRoom.localParticipant.identity)
}
