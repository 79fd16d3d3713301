import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { mailedLink } from '../lib/outbox.mjs'
import { newOwner } from '../lib/owner.mjs'
import { vouchFor } from '../lib/vouching.mjs'

// From a server somebody just started to hosting on it: nothing is put into the database behind its back.
journey('newcomer', async (world) => {
  const newcomer = await world.person('Nell')
  await confirmAddress(newcomer)
  await followSomebody(newcomer, 'ana_demo')

  assert.deepEqual(await missing(newcomer), [
    'Not met: 0 of 600 followers',
    'Not met: 0 of 2 hosts vouch for you',
    'Not met: an administrator allows you to host',
  ])
  await vouchFor(await world.demoPerson('ana_demo'), newcomer)
  assert.ok((await missing(newcomer)).includes('Not met: 1 of 2 hosts vouch for you'), 'one vouch is seen and not enough')
  await vouchFor(await newOwner(world, 'Olga'), newcomer)

  await newcomer.page.goto('/vouches')
  await newcomer.panel('Who vouches for you').getByRole('link', { name: 'Ana Demo' }).waitFor()

  await newcomer.page.goto('/')
  const path = await newcomer.startRoom('My first room')
  await newcomer.join()
  await newcomer.turnMicrophoneOn()
  await isHeard(newcomer, await world.person('Lise'), path)
  await endRoom(newcomer)
}, { demo: true })

async function confirmAddress(person) {
  await person.page.goto(await mailedLink(person, '/verify'))
  await person.page.getByText('Your e-mail address is confirmed.').first().waitFor()
}

async function followSomebody(person, handle) {
  await person.page.goto(`/@${handle}`)
  await person.button('Follow').click()
  await person.button('Unfollow').waitFor()
}

/** What the refusal of a room lists as missing. */
async function missing(person) {
  await person.page.goto('/')
  const form = await person.askForRoom('Not yet')
  await form.getByRole('alert').getByText('You cannot host yet').waitFor()
  return form.getByRole('listitem').allInnerTexts()
}

async function isHeard(host, listener, path) {
  await listener.join(path)
  const { first, last } = await hearsMore(listener.page, host.identity)
  assert.ok(last.energy > first.energy, 'the listener receives sound')
  await listener.panel('On stage').getByText('speaking', { exact: true }).waitFor()
  await listener.named('On stage', host).waitFor()
}

async function endRoom(host) {
  await host.button('End the room').click()
  await host.button('Yes, end it').click()
  await host.page.getByText('This room has ended.').first().waitFor()
}
