// Every page a person can reach, in the states that look different. Each part of the tour calls visit(page, name) once
// the page shows what it is about.

import { captionOn, writeLines } from './captions.mjs'
import { wallClock } from './clock.mjs'
import { mailedLink } from './outbox.mjs'
import { ask, pin, rulesOf, say } from './stage.mjs'
import { vouchFor } from './vouching.mjs'

const HOUR = 3_600_000

/** What somebody sees who has not signed in. */
export async function doorPages(world, visit) {
  const guest = await world.visitor('Gus')
  const { page } = guest
  await page.goto('/')
  await guest.button('Forgot your password?').click()
  await guest.form('Set a new password').waitFor()
  await visit(page, 'lobby, signed out')

  const form = guest.form('Sign in')
  await form.getByLabel('Handle or e-mail').fill('nobody_at_all')
  await form.getByLabel('Password').fill('not the password')
  await form.getByRole('button', { name: 'Sign in' }).click()
  await form.getByRole('alert').waitFor()
  await visit(page, 'sign-in refused')

  await open(page, '/@ana_demo', 'Ana Demo')
  await visit(page, 'profile, signed out')
  await demoRoom(page)
  await visit(page, 'live room, signed out')
  await guest.button('Read as a guest').click()
  await guest.button('Leave quietly').waitFor()
  await visit(page, 'live room, guest who reads')
  await open(page, '/enter#x', 'Sign in by link')
  await visit(page, 'link to sign in')
  await open(page, '/reset#x', 'New password')
  await visit(page, 'link to a new password')
  await open(page, '/invite#x', 'You are invited')
  await visit(page, 'invitation')
  await page.goto('/verify#x')
  await page.getByRole('alert').waitFor()
  await visit(page, 'link that does not work')
  await open(page, '/nowhere/at/all', 'Nothing here')
  await visit(page, 'missing page')
}

/** What is about oneself and others. */
export async function ownPages(world, visit) {
  const person = await world.person('Pia')
  const { page } = person
  const form = await person.askForRoom('Not yet')
  await form.getByRole('alert').waitFor()
  await form.getByLabel('Start now').uncheck()
  await form.getByLabel('When').waitFor()
  await visit(page, 'lobby, refused a room to announce')

  await page.goto(`/@${person.handle}`)
  await page.getByText('You cannot host yet').waitFor()
  await visit(page, 'own profile')
  await page.goto('/@ana_demo')
  await person.button('Follow').waitFor()
  await visit(page, 'profile')
  await vouchFor(await world.demoPerson('ana_demo'), person)
  await page.goto('/vouches')
  await page.getByRole('region', { name: 'Who vouches for you' }).getByRole('link', { name: 'Ana Demo' }).waitFor()
  await visit(page, 'vouches')
  await page.goto(await mailedLink(person, '/verify'))
  await page.getByText('Your e-mail address is confirmed.').first().waitFor()
  await visit(page, 'address confirmed')
  await open(page, '/dev/outbox', 'Outbox')
  await visit(page, 'outbox')
}

/** What only the owner sees, and those who are not. */
export async function ownerPages(world, visit) {
  const owner = await world.person('Olga')
  const { page } = owner
  await page.goto('/owner')
  await page.getByText('Only the link').waitFor()
  await visit(page, 'owner, without a link')
  await page.goto(world.server.ownerLink())
  await owner.button(`Make @${owner.handle} the owner`).waitFor()
  await visit(page, 'owner, to be claimed')
  await owner.button(`Make @${owner.handle} the owner`).click()
  await owner.form('Who may host rooms here?').waitFor()
  await visit(page, 'owner')
  await page.goto('/@ana_demo')
  await owner.button('Let them host').waitFor()
  await visit(page, 'profile, for an admin')
  await page.goto('/invitations')
  const form = owner.form('Make an invitation')
  await form.getByRole('button', { name: 'Make an invitation' }).click()
  await owner.button('Withdraw for anybody').waitFor()
  await visit(page, 'invitations')
}

/** Rooms that are announced or called off. */
export async function quietRooms(world, visit) {
  const host = await world.host('Hedy')
  const { page } = host
  await page.reload()
  const form = host.form('Host a room')
  await form.getByLabel('Start now').uncheck()
  await form.getByLabel('When').fill(await wallClock(page, 2 * HOUR))
  await host.askForRoom('Next week’s talk')
  await host.button('Call the room off').click()
  await host.button('Yes, call it off').waitFor()
  await visit(page, 'announced room, host')

  const listener = await world.person('Lise')
  await listener.page.goto(page.url())
  await listener.page.getByText('This room has not started yet.').waitFor()
  await visit(listener.page, 'announced room')
  await host.button('Yes, call it off').click()
  await page.getByText('This room was called off.').first().waitFor()
  await visit(page, 'room called off')
}

/** A room from the door to its end, for its host and those who listen. */
export async function livePages(world, visit) {
  const host = await world.host('Hedy')
  const [listener, rude] = [await world.person('Lise'), await world.person('Rudi')]
  await host.page.reload()
  const path = await host.startRoom('How do bees find their way home?')
  await listener.page.goto(path)
  await listener.button('Join').waitFor()
  await visit(listener.page, 'live room before Join')
  await host.button('Join').waitFor()
  await visit(host.page, 'live room before Join, host')

  await host.join()
  await host.turnMicrophoneOn()
  await listener.join()
  await rude.read(path)
  await say(host, 'Welcome. We begin with the dance.')
  await pin(host, 'https://bees.test/dance', 'The waggle dance, in pictures')
  await listener.panel('On stage').getByText('speaking', { exact: true }).waitFor()
  await listener.button('Ask in writing').click()
  await listener.form('Ask in writing').waitFor()
  await visit(listener.page, 'live room, listener about to ask')
  await captionPages(world, host, path, visit)
  await listener.about(rude, 'Report')
  await visit(listener.page, 'live room, listener about to report')
  await listener.menuOf(rude).getByRole('button', { name: 'Send report' }).click()
  await listener.menuOf(rude).getByRole('button', { name: 'Done' }).click()
  await hostPages(host, listener, rude, visit)

  await host.button('End the room').click()
  await host.button('Yes, end it').click()
  await listener.page.getByText('This room has ended.').first().waitFor()
  await visit(listener.page, 'room that ended')
}

/** Captions of every source, with all that can be opened around them. */
async function captionPages(world, host, path, visit) {
  const [first] = await writeLines(world.server, { handle: host.handle, path }, [
    'A bee that found flowers dances at home.', { text: 'The angle is the way to go.', source: 'human' }, { text: 'The length is how far it is.', source: 'agent' },
  ])
  await writeLines(world.server, { handle: host.handle, path }, [{ segment: first, text: 'A bee that found flowers dances in the hive.', source: 'human', revision: 2 }])
  const reader = await world.visitor('Rita')
  const { page } = reader
  await page.goto(`${path}/captions`)
  await captionOn(reader, '(edited)').waitFor()
  await reader.button('How they look').click()
  await page.getByLabel('Edge of the letters').selectOption('Outline')
  await visit(page, 'captions, and how they look')

  await page.goto(path)
  await reader.button('Read as a guest').click()
  await reader.button('How they look').click()
  await page.getByLabel('Where').selectOption('At the bottom of the window')
  await page.getByLabel('Colours').selectOption('Yellow on black')
  await reader.button('Find and copy').click()
  await page.getByLabel('Find in what was said').fill('the')
  await page.getByText('4 of 4', { exact: true }).waitFor()
  await visit(page, 'live room, captions at the bottom')
}

/** What a host does while it is live, and what those see to whom it is done. */
async function hostPages(host, listener, rude, visit) {
  await rude.button('Raise hand').click()
  await listener.button('Ask in writing').click() // put away, to be opened anew
  await ask(listener, 'Do they know how far it is, or only which way to fly?')
  for (const person of [listener, rude]) await host.named('Raised hands', person).waitFor()
  await host.button(`More ${listener.name}`).click()
  await rulesOf(host)
  await host.button('Make it quiet').click()
  await visit(host.page, 'live room, host with queue, rules and a menu')
  await host.about(rude, 'Ban')
  await visit(host.page, 'live room, host about to ban')
  await host.menuOf(rude).getByRole('button', { name: 'Cancel' }).click()

  const reports = await host.aside('Reports')
  await reports.page.getByRole('heading', { name: rude.name }).waitFor()
  await reports.page.getByText('The minute before').click()
  await visit(reports.page, 'reports')
  await host.aboutBecause(rude, 'Remove', `Remove ${rude.name} for five minutes?`, 'Not like this.')
  await rude.page.getByText('Reason: Not like this.').waitFor()
  await visit(rude.page, 'live room, removed')
  const book = await host.aside('What was done in this room')
  await book.entry('Removed', rude).waitFor()
  await visit(book.page, 'audit of a room')
  await rude.page.goto('/audit')
  await rude.entry('Removed', rude).waitFor()
  await visit(rude.page, 'audit of oneself')

  await listener.button('Lower hand').click()
  await host.menuOf(listener).getByRole('button', { name: 'Invite to speak' }).click()
  await listener.button('Accept').waitFor()
  await visit(listener.page, 'invited to speak')
  await listener.button('Accept').click()
  await listener.turnMicrophoneOn()
  await host.named('On stage', listener).waitFor()
  await host.button(`More ${listener.name}`).click()
  await visit(host.page, 'live room, host with a speaker')
}

async function open(page, path, title) {
  await page.goto(path)
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
}

async function demoRoom(page) {
  await page.goto('/')
  await page.getByRole('link', { name: 'Go to the demo room' }).click()
  await page.getByRole('region', { name: 'On stage' }).waitFor()
}
