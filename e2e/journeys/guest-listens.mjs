import assert from 'node:assert/strict'
import { fallsSilent, hearsMore, holdReceiver } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { openRoom, rulesOf, say } from '../lib/stage.mjs'

const SENTENCE = 'This room is for people with an account.'

journey('guest-listens', async (world) => {
  const { host, path } = await openRoom(world, 'Open house')
  await host.turnMicrophoneOn()
  const [guest, reader] = [await world.visitor('Gus'), await world.visitor('Rita')]
  await comeIn(guest, path, 'Listen as a guest')
  await comeIn(reader, path, 'Read as a guest')

  await hearsMore(guest.page, host.identity)
  await guest.panel('On stage').getByText('speaking', { exact: true }).waitFor()
  await say(host, 'Welcome, whoever you are.')
  for (const one of [guest, reader]) await one.line('Welcome, whoever you are.').waitFor()
  for (const one of [guest, reader]) assert.equal(await one.button('Raise hand').count(), 0, 'guests listen and read only')
  await host.page.getByText('and 2 guests').waitFor()

  const ear = await holdReceiver(guest.page, host.identity)
  const rules = await rulesOf(host)
  await rules.getByLabel('People without an account may listen and read').uncheck()
  await rules.getByRole('button', { name: 'Save' }).click()
  for (const one of [guest, reader]) {
    assert.deepEqual(await one.toldWhy(), [SENTENCE, 'Sign in or sign up, then come in.'])
    await one.form('Create an account').waitFor()
  }
  await fallsSilent(guest.page, ear)

  const late = await world.visitor('Lars')
  await late.page.goto(path)
  await late.form('Sign in').waitFor()
  assert.equal(await late.button('Listen as a guest').count(), 0, 'the door for guests is gone')
})

async function comeIn(guest, path, way) {
  await guest.page.goto(path)
  await guest.button(way).click()
  await guest.button('Leave quietly').waitFor()
}
