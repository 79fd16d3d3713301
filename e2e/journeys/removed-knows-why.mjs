import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'
import { openRoom } from '../lib/stage.mjs'

const WHY = 'You shouted at Ada twice.'
const REFUSAL = ['The host removed you from this room for a while.', 'Come back in 5 min.']

journey('removed-knows-why', async (world) => {
  const { host, path } = await openRoom(world, 'Mind your manners')
  const listener = await world.person('Lise')
  await listener.join(path)
  await host.aboutBecause(listener, 'Remove', `Remove ${listener.name} for five minutes?`, WHY)

  assert.deepEqual(await listener.toldWhy(), REFUSAL)
  await listener.page.getByText(`Reason: ${WHY}`).waitFor()
  await listener.page.getByRole('link', { name: 'What was done to you' }).click()
  await listener.page.waitForURL('**/audit')
  const entry = listener.page.getByRole('listitem').filter({ hasText: 'Removed for five minutes' })
  await entry.getByText(`Reason: ${WHY}`).waitFor()
  await entry.getByText(`by ${host.name}`).waitFor()

  assert.deepEqual(await listener.isRefused(path), REFUSAL)
  await host.named(/^Listeners/, listener).waitFor({ state: 'detached' })

  // The control: it is the removal that keeps them out.
  await host.button(`Lift the ban ${listener.name}`).click()
  await listener.join(path)
  await host.named(/^Listeners/, listener).waitFor()
})
