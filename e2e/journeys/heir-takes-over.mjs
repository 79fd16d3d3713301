import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { openRoom, rulesOf } from '../lib/stage.mjs'

// Three hosts lose their machines: one named an heir, one has a co-host, and one has neither.
journey('heir-takes-over', async (world) => {
  const named = await roomWith(world, 'With an heir', async (host, second) => {
    await rulesOf(host)
    const form = host.form('Who takes over when you are gone')
    await form.getByLabel('Their name here').fill(`@${second.handle}`)
    await form.getByRole('button', { name: 'Save' }).click()
    await host.page.getByText(`@${second.handle} takes over when you are gone.`).waitFor()
  })
  const helped = await roomWith(world, 'With a co-host', async (host, second) => {
    await host.about(second, 'Make a co-host')
    await second.panel('On stage').getByText('Co-host', { exact: true }).waitFor()
  })
  const alone = await roomWith(world, 'With nobody', async () => undefined)

  const all = [named, helped, alone]
  const countdowns = all.map(({ listener }) => listener.page.getByRole('timer').getByText(/^\d+ s left$/).waitFor({ timeout: 60_000 }))
  for (const { host } of all) await host.context.close()
  await Promise.all(countdowns)

  await Promise.all([goesOn(named), goesOn(helped), endsWell(alone)])
}, { settings: { SALON_HOST_GRACE: '20s' }, limit: 180_000 })

async function roomWith(world, title, prepare) {
  const { host, path } = await openRoom(world, title)
  const [second, listener] = [await world.person('Sara'), await world.person('Lise')]
  await second.join(path)
  await listener.read(path)
  await host.named(/^Listeners/, second).waitFor()
  await prepare(host, second)
  return { host, second, listener, path }
}

/** The room has another host, who may do what hosts do and is heard. */
async function goesOn({ second, listener, path }) {
  await listener.line(`${second.name} is the host now.`).waitFor({ timeout: 60_000 })
  await listener.page.getByRole('timer').waitFor({ state: 'detached' })
  await second.button('End the room').waitFor()
  await second.turnMicrophoneOn()
  await listener.button('Turn sound on').click()
  await listener.button('Turn sound on').waitFor({ state: 'detached' })
  await hearsMore(listener.page, second.identity)
  assert.equal(await statusOf(listener, path), 'live')
}

/** Everyone is told why it is over. */
async function endsWell({ second, listener, path }) {
  for (const { page } of [second, listener]) {
    await page.getByText('The host was gone, and the room has ended.').first().waitFor({ timeout: 60_000 })
  }
  assert.equal(await statusOf(listener, path), 'ended')
}

function statusOf({ page }, path) {
  return page.evaluate(async (id) => (await (await fetch(`/api/rooms/${id}`)).json()).status, path.slice('/r/'.length))
}
