import assert from 'node:assert/strict'
import { wallClock } from '../lib/clock.mjs'
import { journey } from '../lib/journey.mjs'

const HOUR = 3_600_000

journey('schedule', async (world) => {
  const host = await world.host('Hedy')
  const listener = await world.person('Lise')
  const reader = await world.person('Rita')

  const path = await announce(host, 'Next week’s talk', 2 * HOUR)
  const upcoming = card(listener, 'Not started yet', path)
  const first = await timeOn(upcoming)
  await listener.page.goto(path)
  await listener.page.getByText('This room has not started yet.').waitFor()

  const entry = await calendarStart(host)
  await move(host, 3 * HOUR)
  assert.notEqual(await calendarStart(host), entry, 'the calendar entry moved')
  await reader.page.reload()
  assert.notEqual(await timeOn(card(reader, 'Not started yet', path)), first, 'the list tells the new time')

  await host.button('Start the room').click()
  await listener.button('Join').waitFor() // the open page notices by itself
  await reader.page.reload()
  await card(reader, 'Live now', path).waitFor()
  await card(reader, 'Not started yet', path).waitFor({ state: 'detached' })
  await host.join()
  await listener.join()
  await host.named(/^Listeners/, listener).waitFor()

  await host.page.goto('/')
  await listener.page.goto(await announce(host, 'Perhaps', HOUR))
  await callOff(host)
  await listener.page.reload()
  await listener.page.getByText('This room was called off.').first().waitFor()
})

/** Announces a room and returns its path; the host stays on its page. */
async function announce(host, title, ahead) {
  await host.page.reload() // the page shows what the server says now
  const form = host.form('Host a room')
  await form.getByLabel('Start now').uncheck()
  await form.getByLabel('When').fill(await wallClock(host.page, ahead))
  await host.askForRoom(title)
  await host.page.waitForURL(/\/r\//)
  return new URL(host.page.url()).pathname
}

async function move(host, ahead) {
  const form = host.form('Announced time')
  await form.getByLabel('When').fill(await wallClock(host.page, ahead))
  await form.getByRole('button', { name: 'Announce this time' }).click()
  await form.getByText('The new time is announced.').waitFor()
}

async function callOff(host) {
  await host.button('Call the room off').click()
  await host.button('Yes, call it off').click()
  await host.page.getByText('This room was called off.').first().waitFor()
}

/** The room in one of the lobby's lists. */
function card(person, list, path) {
  return person.panel(list).getByRole('article').filter({ has: person.page.locator(`a[href="${path}"]`) })
}

function timeOn(card) {
  return card.getByRole('time').getAttribute('datetime')
}

/** When the calendar entry on the room's page starts. */
async function calendarStart(host) {
  const link = host.page.getByRole('link', { name: 'Add to calendar' })
  const entry = await host.page.request.get(await link.getAttribute('href'))
  const [, start] = /DTSTART:(\d{8}T\d{6}Z)/.exec(await entry.text()) ?? []
  assert.ok(start, 'the calendar entry has a start')
  return start
}
