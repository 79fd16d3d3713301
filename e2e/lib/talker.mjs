import { startBrowser } from './browser.mjs'
import { Person } from './person.mjs'
import { speak } from './wav.mjs'

/**
 * The same person in a browser whose microphone says the sentence again and again, in the room with the microphone on;
 * `close` ends that browser.
 */
export async function talker(world, person, path, sentence) {
  const browser = await startBrowser(await speak(world.server.dir, sentence, person.handle))
  const voice = await Person.arrive(browser, world.server.url, 'Voice')
  Object.assign(voice, { name: person.name, handle: person.handle, close: () => browser.close() })
  await voice.page.goto('/')
  await voice.signIn()
  await voice.join(path)
  return voice
}

/** The lines of the captions that are final, in order; of one speaker, if one is named. */
export async function captionsOf({ page }, speaker) {
  const turns = page.getByRole('log', { name: 'Captions' }).locator('.turn')
  const said = speaker ? turns.filter({ has: page.locator('strong', { hasText: speaker.name }) }) : turns
  return said.locator('p[id]').allInnerTexts()
}
