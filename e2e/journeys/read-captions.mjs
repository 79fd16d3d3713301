import assert from 'node:assert/strict'
import { startBrowser } from '../lib/browser.mjs'
import { journey } from '../lib/journey.mjs'
import { Person } from '../lib/person.mjs'
import { until } from '../lib/until.mjs'
import { speak } from '../lib/wav.mjs'

// What a host says into the microphone is read, in the same final lines, by a listener and on the page of captions only.
journey('read-captions', async (world) => {
  const host = await world.host('Hedy')
  const path = await host.startRoom('Read along')
  const browser = await startBrowser(await speak(world.server.dir, 'You can listen, or you can read along. Nobody has to ask.'))
  try {
    const speaker = await Person.arrive(browser, world.server.url, 'Speaker')
    Object.assign(speaker, { name: host.name, handle: host.handle })
    await speaker.page.goto('/')
    await speaker.signIn()
    await speaker.join(path)
    await speaker.turnMicrophoneOn()

    const listener = await world.person('Lise')
    await listener.join(path)
    const screen = await world.visitor('Screen')
    await screen.page.goto(`${path}/captions`)

    const lines = ({ page }) => page.getByRole('log', { name: 'Captions' }).locator('p[id]').allInnerTexts()
    const both = async () => (await Promise.all([lines(listener), lines(screen)])).every((one) => one.length >= 2)
    await until('two final lines on both pages', both, { within: 60_000 })
    const [heard, read] = await Promise.all([lines(listener), lines(screen)])
    assert.deepEqual(heard.slice(0, 2), read.slice(0, 2))
    assert.match(heard.join(' '), /read along/i)
    await listener.panel('Captions').getByText(host.name).first().waitFor()

    const transcript = await screen.page.goto(`${path}/transcript.vtt`)
    assert.match(await transcript.text(), /^WEBVTT[\s\S]+<v [\s\S]+read along/i)
  } finally {
    await browser.close()
  }
})
