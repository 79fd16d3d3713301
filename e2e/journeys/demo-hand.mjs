import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'

journey('demo-hand', async (world) => {
  const noor = await world.demoPerson('noor_demo')
  await noor.page.getByText('This is a demo.').waitFor()
  await noor.page.getByRole('link', { name: 'Go to the demo room' }).click()
  await noor.join()

  const newcomer = await world.person('Nell')
  await newcomer.join(new URL(noor.page.url()).pathname)
  await newcomer.button('Raise hand').click()
  await newcomer.turnMicrophoneOn()

  const { first, last } = await hearsMore(noor.page, newcomer.identity)
  assert.ok(last.energy > first.energy, 'the newcomer is heard in the demo room')
}, { demo: true })
