import assert from 'node:assert/strict'
import { fallsSilent, hearsMore, holdReceiver } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { bringUp, openRoom } from '../lib/stage.mjs'

journey('panic', async (world) => {
  const { host, path } = await openRoom(world, 'Too loud')
  const [speaker, other, listener] = [await world.person('Sam'), await world.person('Olaf'), await world.person('Lise')]
  for (const person of [speaker, other, listener]) await person.join(path)
  for (const person of [speaker, other]) await bringUp(host, person)
  for (const person of [speaker, other]) await hearsMore(listener.page, person.identity)
  await listener.button('Applause').waitFor()
  await listener.button('Raise hand').click()
  await host.named('Raised hands', listener).waitFor()

  const ears = await Promise.all([speaker, other].map((person) => holdReceiver(listener.page, person.identity)))
  await host.button('Make it quiet').click()
  await host.page.getByRole('group', { name: /^Mute everyone for good/ }).getByRole('button', { name: 'Make it quiet' }).click()

  for (const ear of ears) await fallsSilent(listener.page, ear)
  for (const person of [speaker, other]) await cannotUnmute(person)
  await listener.line('The queue of hands is closed.').waitFor()
  await listener.line('The door is closed: nobody new comes in.').waitFor()
  await host.panel('Raised hands').getByText('No hand is up.').waitFor()
  await listener.button('Raise hand').click()
  await listener.page.getByText('The host takes no more hands.').waitFor()
  for (const person of [listener, speaker]) await person.button('Applause').waitFor({ state: 'detached' })
  await host.button('Make it quiet').waitFor() // at hand again, and asks again

  const newcomer = await world.person('Nell')
  assert.deepEqual(await newcomer.isRefused(path), [
    'The host has closed the door: nobody new comes in.',
    'Try again later, or ask the host to open it.',
  ])

  // The control: what the host lifts is lifted, and whoever was inside may come back through the closed door.
  await host.about(speaker, 'Unmute')
  await speaker.turnMicrophoneOn()
  await hearsMore(listener.page, speaker.identity)
  await listener.page.reload()
  await listener.join()
  await hearsMore(listener.page, speaker.identity)
})

/** Neither the page offers it, nor does the server take it. */
async function cannotUnmute(person) {
  await person.page.getByRole('group', { name: 'Controls' }).getByRole('button', { name: 'muted by the host', disabled: true }).waitFor()
  const { status, kind } = await person.page.evaluate(async (room) => {
    const answer = await fetch(`/api/rooms/${room}/mute`, { method: 'DELETE' })
    return { status: answer.status, kind: (await answer.json()).kind }
  }, new URL(person.page.url()).pathname.slice('/r/'.length))
  assert.deepEqual({ status, kind }, { status: 403, kind: 'hard-muted' })
}
