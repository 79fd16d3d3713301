import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { logOf } from '../lib/roomlog.mjs'
import { openRoom } from '../lib/stage.mjs'
import { captionsOf, talker } from '../lib/talker.mjs'
import { until } from '../lib/until.mjs'

// Somebody whom the host names corrects the machine, takes over while it is still writing, and gives the captions back.
journey('captioner-corrects', async (world) => {
  const { host, path } = await openRoom(world, 'In good hands')
  const captioner = await world.person('Cap')
  await captioner.join(path)
  await host.button('Captioners').click()
  const naming = host.form('Who may write captions')
  await naming.getByLabel('Their name here').fill(captioner.handle)
  await naming.getByRole('button', { name: 'Name' }).click()
  await captioner.panel("Captioner's chair").waitFor()
  const reader = await world.person('Lise')
  await reader.join(path)
  const voice = await talker(world, host, path, 'You can listen, or you can read along. Nobody has to ask.')
  try {
    await voice.turnMicrophoneOn()
    await until('a line of the machine', async () => (await captionsOf(reader)).length > 0, { within: 60_000 })

    const chair = captioner.panel("Captioner's chair")
    const [first] = await captionsOf(reader)
    await chair.getByRole('button', { name: `Correct: ${first}` }).first().click()
    await chair.getByLabel('The line as it should be').fill('You can listen or read along.')
    await chair.getByRole('button', { name: 'Save' }).click()
    await until('the correction, in the old place, with its mark', async () => {
      const [now] = await captionsOf(reader)
      return now.startsWith('You can listen or read along.') && /corrected|edited/.test(now)
    })

    await saying(reader).first().waitFor({ timeout: 60_000 }) // in the middle of a sentence
    await captioner.button('Take the chair').click()
    await reader.line(`${captioner.name} writes the captions now.`).waitFor()
    const line = chair.getByLabel('Line', { exact: true })
    await line.fill('Applause from the')
    await saying(reader).getByText('Applause from the').waitFor()
    await line.fill('Applause from the gallery.')
    await line.press('Enter')
    await until('the written line, and by whom', async () => (await captionsOf(reader)).some((text) => /Applause from the gallery\..*person/s.test(text)))
    for (let packets = 0; packets < 15; packets++) await hearsMore(reader.page, voice.identity) // a whole sentence and more is spoken meanwhile
    await line.fill('That was all from here.')
    await line.press('Enter')
    await captioner.button('Give the captions back to the machine').click()
    await reader.line('The captions are written by the machine again.').waitFor()
    const before = (await captionsOf(reader)).length
    await until('the machine again', async () => (await captionsOf(reader)).length > before, { within: 60_000 })

    const { entries } = await logOf(reader, path)
    const at = (what) => entries.findIndex(({ body }) => body?.what === what)
    const between = entries.slice(at('captioner'), at('captioner-left')).filter(({ kind }) => kind === 'caption')
    const after = between.filter(({ body }) => body.start > entries[at('captioner')].at)
    assert.deepEqual(after.map(({ body }) => body.source), ['human', 'human'], 'the machine rests while a person writes')
    assert.equal(between.at(-1).subject.handle, host.handle, 'it is the speaker who said it')
    assert.equal(between.at(-1).actor.handle, captioner.handle, 'and the captioner who wrote it')
  } finally {
    await voice.close()
  }
})

const saying = ({ page }) => page.getByRole('log', { name: 'Captions' }).locator('.turn p:not([id])')
