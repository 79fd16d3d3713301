import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'
import { bringUp, openRoom } from '../lib/stage.mjs'
import { captionsOf, talker } from '../lib/talker.mjs'
import { until } from '../lib/until.mjs'

// Two people talk at the same time: both are read, each under their own name.
journey('two-at-once', async (world) => {
  const { host, path } = await openRoom(world, 'Both at once')
  const guest = await world.person('Gus')
  await guest.join(path)
  await bringUp(host, guest)
  const voices = [
    await talker(world, host, path, 'You can listen, or you can read along. Nobody has to ask.'),
    await talker(world, guest, path, 'The weather is cold today. We will talk about the weather.'),
  ]
  try {
    const reader = await world.person('Lise')
    await reader.join(path)
    await Promise.all(voices.map((voice) => voice.turnMicrophoneOn()))
    const read = async () => Promise.all(voices.map(async (voice) => (await captionsOf(reader, voice)).join(' ')))
    const both = async () => {
      const [one, other] = await read()
      return /read along/i.test(one) && /weather/i.test(other)
    }
    await until('what each of them says', both, { within: 90_000 })
    const [one, other] = await read()
    assert.doesNotMatch(one, /weather/i)
    assert.doesNotMatch(other, /read along/i)
    for (const [voice, words] of [[voices[0], /read along/i], [voices[1], /weather/i]]) {
      const transcript = await reader.page.request.get(`${path}/transcript.txt?speaker=${voice.handle}`)
      assert.match(await transcript.text(), words)
    }
  } finally {
    await Promise.all(voices.map((voice) => voice.close()))
  }
})
