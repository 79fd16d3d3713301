import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'

const HOUR = 3_600_000

journey('room-announced', async (world) => {
  const host = await world.host('Hedy')
  const { page } = host
  await page.reload() // the page shows what the server says now
  const form = host.form('Host a room')
  await form.getByLabel('Start now').uncheck()
  await form.getByLabel('When').fill(await wallClock(page, 2 * HOUR))
  await host.askForRoom('Next week’s talk')
  await page.waitForURL(/\/r\//)

  const calendar = page.getByRole('link', { name: 'Add to calendar' })
  const before = await startOf(page, calendar)
  assert.match(before, /^\d{8}T\d{6}Z$/)
  const time = host.form('Announced time')
  await time.getByLabel('When').fill(await wallClock(page, 3 * HOUR))
  await time.getByRole('button', { name: 'Announce this time' }).click()
  await time.getByText('The new time is announced.').waitFor()
  assert.notEqual(await startOf(page, calendar), before, 'the calendar entry moved')

  const listener = await world.person('Lise')
  const card = listener.page.getByRole('article').filter({ has: listener.page.locator(`a[href="${new URL(page.url()).pathname}"]`) })
  await card.getByRole('time').waitFor()
  await listener.page.goto(new URL(page.url()).pathname)
  await listener.page.getByText('This room has not started yet.').waitFor()

  await host.button('Call the room off').click()
  await host.button('Yes, call it off').click()
  await page.getByText('The host called this room off.').first().waitFor()
  await listener.page.getByText('The host called this room off.').first().waitFor()
})

/** What a datetime-local input takes for a time from now, by the clock of the page. */
function wallClock(page, ahead) {
  return page.evaluate((ahead) => {
    const at = new Date(Date.now() + ahead)
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
  }, ahead)
}

/** When the calendar entry behind the link starts. */
async function startOf(page, link) {
  const entry = await page.request.get(await link.getAttribute('href'))
  return /DTSTART:(\S+)/.exec(await entry.text())?.[1]
}
