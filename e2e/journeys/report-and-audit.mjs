import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'
import { newOwner } from '../lib/owner.mjs'
import { ask, openRoom } from '../lib/stage.mjs'

const QUESTION = 'Why are you all so stupid?'

journey('report-and-audit', async (world) => {
  const owner = await newOwner(world, 'Olga')
  const { host, path } = await openRoom(world, 'Any questions?')
  const [rude, listener] = [await world.person('Rudi'), await world.person('Lise')]
  for (const person of [rude, listener]) await person.read(path)
  await ask(rude, QUESTION)
  await host.button(`Show the question ${rude.name}`).click()
  await listener.line(QUESTION).waitFor()

  const menu = await listener.about(rude, 'Report')
  await menu.getByRole('button', { name: 'Send report' }).click()
  await menu.getByText('Thank you.').waitFor()
  await menu.getByRole('button', { name: 'Done' }).click()

  await owner.page.goto('/reports')
  const seen = await reportIn(owner, listener, rude)
  await seen.getByText('The minute before').click()
  await seen.getByText(QUESTION).waitFor()

  const inbox = await host.aside('Reports')
  const report = await reportIn(inbox, listener, rude)
  await host.aboutBecause(rude, 'Remove', `Remove ${rude.name} for five minutes?`, 'We do not talk like this.')
  await report.getByRole('button', { name: 'I did something about it' }).click()
  await report.getByText('Closed: something was done.').waitFor()
  await owner.page.reload()
  await (await reportIn(owner, listener, rude)).getByText('Closed: something was done.').waitFor()

  const book = await host.aside('What was done in this room')
  await book.entry('Showed a question', rude).waitFor()
  await book.entry('Removed for five minutes', rude).getByText('Reason: We do not talk like this.').waitFor()
  await owner.page.goto(book.page.url())
  await owner.entry('Removed for five minutes', rude).getByText(`by ${host.name}`).waitFor()

  // Whom it is about learns what was done and why, and never who reported.
  await rude.page.goto('/audit')
  await rude.entry('Removed for five minutes', rude).waitFor()
  assert.equal(await rude.page.getByText(listener.name).count(), 0)
  await rude.page.goto('/reports')
  await rude.page.getByText('No reports.').waitFor()
  await listener.page.goto(book.page.url())
  await listener.toldWhy() // nobody else's business
}, { settings: {} })

async function reportIn({ page }, reporter, subject) {
  const report = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: `${subject.name}: Harassment` }) })
  await report.getByText(`Reported by ${reporter.name}`).waitFor()
  return report
}
