import { until } from './until.mjs'

/** The newest link to that page in the mails kept for the person, who may have to wait until it is written. */
export async function mailedLink(person, path) {
  const tab = await person.context.newPage()
  try {
    return await until(`a mail to ${person.handle} with a link to ${path}`, async () => {
      await tab.goto('/dev/outbox')
      const mails = tab.getByRole('article').filter({ hasText: `${person.handle}@people.test` })
      const links = await mails.locator(`a[href*="${path}#"]`).all()
      return links[0]?.getAttribute('href')
    }, { every: 250 })
  } finally {
    await tab.close()
  }
}
