import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'

// A room in a language that no model here knows has no captions, and everyone is told; no engine guesses at it.
journey('no-model-for-language', async (world) => {
  const host = await world.host('Hedy')
  await host.page.reload()
  await host.form('Host a room').getByLabel('Language').selectOption('fr')
  const path = await host.startRoom('Parlons-en')
  await host.join()
  await host.turnMicrophoneOn()
  await host.page.getByText('There are no captions in French on this server.').first().waitFor()
  await host.page.getByText('salon captions install fr').waitFor()
  const screen = await world.visitor('Screen')
  await screen.page.goto(`${path}/captions`)
  await screen.page.getByText('There are no captions in French on this server.').waitFor()
  assert.equal(await screen.page.getByText('salon captions install').count(), 0, 'the command is for the host')
  assert.equal(await screen.page.getByRole('log', { name: 'Captions' }).locator('.turn').count(), 0)
})
