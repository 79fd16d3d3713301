import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { openRoom } from '../lib/stage.mjs'
import { until } from '../lib/until.mjs'

// As LiveKit numbers what a track says of itself (livekit_models.proto, AudioTrackFeature).
const STEREO = 0
const NO_DTX = 1

journey('music-mode', async (world) => {
  const { host, path } = await openRoom(world, 'Chamber music')
  await host.turnMicrophoneOn()
  const listener = await world.person('Lise')
  await listener.join(path)
  await hearsMore(listener.page, host.identity)
  const speech = await announced(listener.page, host.identity)
  assert.ok(!speech.includes(STEREO) && !speech.includes(NO_DTX), `speech is mono and sparing, not ${speech}`)
  assert.deepEqual(await processing(host.page), { echoCancellation: true, noiseSuppression: true, autoGainControl: true })

  await host.page.getByLabel('Microphone mode').selectOption({ label: 'Music' })
  await until('the track says it carries music', async () => {
    const music = await announced(listener.page, host.identity)
    return music?.includes(STEREO) && music.includes(NO_DTX)
  })
  assert.deepEqual(await processing(host.page), { echoCancellation: false, noiseSuppression: false, autoGainControl: false })
  assert.ok((await bitrate(host.page)) >= 96_000, 'music gets a high bitrate')
  await hearsMore(listener.page, host.identity)
})

/** What the speaker's track says of itself, as another browser sees it. */
function announced(page, identity) {
  return page.evaluate((identity) => {
    const person = window.salonRoom.remoteParticipants.get(identity)
    const publication = [...(person?.audioTrackPublications.values() ?? [])][0]
    return publication?.trackInfo ? [...publication.trackInfo.audioFeatures] : null
  }, identity)
}

/** What the browser does to the sound before it is sent. */
function processing(page) {
  return page.evaluate(() => {
    const [publication] = window.salonRoom.localParticipant.audioTrackPublications.values()
    const { echoCancellation, noiseSuppression, autoGainControl } = publication.track.mediaStreamTrack.getSettings()
    return { echoCancellation, noiseSuppression, autoGainControl }
  })
}

function bitrate(page) {
  return page.evaluate(() => {
    const [publication] = window.salonRoom.localParticipant.audioTrackPublications.values()
    return publication.track.sender.getParameters().encodings[0].maxBitrate
  })
}
