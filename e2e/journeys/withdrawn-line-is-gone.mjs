import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'
import { logOf } from '../lib/roomlog.mjs'
import { ask, openRoom, say } from '../lib/stage.mjs'

const KEPT = 'This line stays.'
const NOTICE = 'Call me at 0123456789.'
const QUESTION = 'Where does Ada live?'

journey('withdrawn-line-is-gone', async (world) => {
  const { host, path } = await openRoom(world, 'Said too much')
  const reader = await world.person('Rita')
  await reader.read(path)
  await say(host, KEPT)
  await say(host, NOTICE)
  await ask(reader, QUESTION)
  await host.button(`Show the question ${reader.name}`).click()
  for (const person of [host, reader]) for (const text of [KEPT, NOTICE, QUESTION]) await person.line(text).waitFor()
  const before = await logOf(reader, path)
  assert.ok(says(before, NOTICE) && says(before, QUESTION), 'the control: the log has both')

  await host.button(`Withdraw ${NOTICE}`).click()
  await reader.button(`Withdraw ${QUESTION}`).click() // one's own question is one's own to withdraw
  const late = await world.person('Lars')
  for (const person of [host, reader]) await isGone(person, path)
  await reader.page.reload()
  await reader.read()
  await late.read(path)
  for (const person of [reader, late]) await isGone(person, path)
})

async function isGone(person, path) {
  await person.line('This line was withdrawn.').nth(1).waitFor()
  await person.line(KEPT).waitFor()
  const page = await person.page.content()
  const log = await logOf(person, path)
  for (const text of [NOTICE, QUESTION]) {
    assert.ok(!page.includes(text), `the page still says “${text}”`)
    assert.ok(!says(log, text), `the log still says “${text}”`)
  }
  assert.ok(says(log, KEPT))
}

const says = (log, text) => JSON.stringify(log).includes(text)
