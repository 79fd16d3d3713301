import assert from 'node:assert/strict'

/** The room's log as GET /log answers the person; its numbers are checked to be dense. */
export async function logOf({ page }, path) {
  const log = await page.evaluate(async (id) => (await fetch(`/api/rooms/${id}/log?limit=500`)).json(), path.slice('/r/'.length))
  assert.deepEqual(log.entries.map(({ seq }) => seq), Array.from({ length: log.seq }, (_, i) => i + 1), 'the log is dense')
  return log
}

/** What stands in the lines of the room's log on the page, without the time of day. */
export function linesOn({ page }) {
  return page.getByRole('log').locator('.line > span').allInnerTexts()
}
