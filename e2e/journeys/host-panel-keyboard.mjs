import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'
import { Keyboard } from '../lib/keyboard.mjs'
import { ask, openRoom } from '../lib/stage.mjs'

// Everything a host does to a room, by the keyboard alone: every stop on the way shows the focus, and nothing loses it.
journey('host-panel-keyboard', async (world) => {
  const { host, path } = await openRoom(world, 'Hands on the keys')
  const keys = await Keyboard.of(host)
  const [asker, other, speaker] = [await world.person('Asa'), await world.person('Olaf'), await world.person('Sam')]
  for (const person of [asker, other]) await person.read(path)
  await speaker.join(path)
  await ask(asker, 'May I?')
  for (const person of [other, speaker]) await person.button('Raise hand').click()
  for (const person of [asker, other, speaker]) await host.named('Raised hands', person).waitFor()

  await keys.press('button', `Show the question ${asker.name}`)
  await keys.kept(host.line('May I?').waitFor())
  await keys.press('button', `Lower ${other.name}`, 'Space')
  await keys.kept(host.named('Raised hands', other).waitFor({ state: 'detached' }))
  await keys.press('button', `Bring up ${speaker.name}`)
  await keys.kept(host.named('On stage', speaker).waitFor())
  await keys.press('button', 'Close the queue')
  await keys.kept(host.button('Open the queue').waitFor())

  await choose(keys, speaker, 'Mute for good')
  await keys.kept(host.line(`${speaker.name} is muted by the host.`).waitFor())
  await choose(keys, speaker, 'Unmute')
  await keys.kept(host.line(`${speaker.name} may speak again.`).waitFor())
  await keys.press('button', `More ${speaker.name}`)
  await host.page.keyboard.press('Escape')
  await keys.kept(host.menuOf(speaker).waitFor({ state: 'detached' }))
  const opener = host.button(`More ${speaker.name}`)
  assert.ok(await opener.evaluate((button) => button === document.activeElement), 'Escape leads back to where the menu was opened')

  await choose(keys, other, 'Remove')
  await keys.write('Why (may be empty)', 'A reason, typed')
  await host.page.keyboard.press('Enter')
  await keys.kept(host.named('Banned', other).waitFor())
  await other.page.getByText('Reason: A reason, typed').waitFor()
  await keys.press('button', `Lift the ban ${other.name}`)
  await keys.kept(host.panel('Banned').waitFor({ state: 'detached' }))

  await keys.press('button', 'Write or pin')
  await keys.write('Text', 'Written without a mouse')
  await host.page.keyboard.press('Enter')
  await keys.kept(host.line('Written without a mouse').waitFor())
  await keys.press('button', 'Withdraw Written without a mouse')
  await keys.kept(host.line('This line was withdrawn.').waitFor())

  await keys.press('button', 'Make it quiet')
  await keys.press('button', 'Make it quiet')
  await keys.kept(host.line('The door is closed: nobody new comes in.').waitFor())
  await speaker.page.getByRole('button', { name: 'muted by the host', disabled: true }).waitFor()

  assert.deepEqual(keys.touched, [], 'only the keyboard was used')
})

async function choose(keys, person, action) {
  await keys.press('button', `More ${person.name}`)
  await keys.press('button', action)
}
