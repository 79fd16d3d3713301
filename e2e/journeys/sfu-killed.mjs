import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { bringUp, openRoom } from '../lib/stage.mjs'
import { until } from '../lib/until.mjs'

journey('sfu-killed', async (world) => {
  const { host, path } = await openRoom(world, 'Through the storm')
  const speaker = await world.person('Sam')
  const listener = await world.person('Lise')
  await speaker.join(path)
  await listener.join(path)
  await bringUp(host, speaker)
  await host.turnMicrophoneOn()
  await hearsMore(listener.page, speaker.identity)

  const people = [
    { person: host, role: 'host', mayPublish: true },
    { person: speaker, role: 'speaker', mayPublish: true },
    { person: listener, role: 'listener', mayPublish: false },
  ]
  for (const one of people) one.session = await one.person.page.evaluate(() => window.salonRoom.localParticipant.sid)

  const watch = new Watch(`${world.server.url}/healthz`, `${world.server.url}/api/rooms`)
  const { sfu_pid: killed } = await world.server.run()
  process.kill(killed, 'SIGKILL')
  await until('another media server runs', async () => (await world.server.run()).sfu_pid !== killed, { within: 30_000 })
  for (const { person, ...expected } of people) {
    await person.page.waitForFunction(isBack, expected, { timeout: 60_000, polling: 100 })
  }
  await hearsMore(listener.page, speaker.identity)
  await hearsMore(listener.page, host.identity)
  const { asked, failures } = await watch.end()
  assert.deepEqual(failures, [], 'the web server answered throughout')
  assert.ok(asked > 20, `the web server was asked throughout (${asked} times)`)
  for (const { person } of people) await person.page.getByText('Reconnecting…').first().waitFor({ state: 'hidden' })
})

/** Runs in the page: connected anew, with the role and the rights of before. */
function isBack({ session, role, mayPublish }) {
  const room = window.salonRoom
  const me = room?.localParticipant
  return (
    room?.state === 'connected' &&
    me.sid !== session &&
    me.attributes['salon.role'] === role &&
    Boolean(me.permissions?.canPublish) === mayPublish
  )
}

/** Asks the addresses in turn, without a pause, until it is ended. */
class Watch {
  #over = false
  #done

  constructor(...urls) {
    this.#done = this.#ask(urls)
  }

  async #ask(urls) {
    const failures = []
    let asked = 0
    await until('the watch is over', async () => {
      const url = urls[asked++ % urls.length]
      const status = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.status, (error) => `${error}`)
      if (status !== 200) failures.push(`${url}: ${status}`)
      return this.#over
    }, { within: 150_000, every: 100 })
    return { asked, failures }
  }

  end() {
    this.#over = true
    return this.#done
  }
}
