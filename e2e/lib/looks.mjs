import { join } from 'node:path'

const PHONE = 360
const NARROWEST = 320 // what 1280 pixels are at 400 %
const HEIGHT = 800
const SHOTS = process.env.SALON_SHOTS // a folder, for whoever wants to see the pages, too

/** Shows the page in every language, both colour schemes and two widths, and calls look each time with the name of it. */
export async function everyLook(page, name, look) {
  for (const language of await languagesOf(page)) {
    await speak(page, language)
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme })
      for (const width of [PHONE, 1280]) {
        await page.setViewportSize({ width, height: HEIGHT })
        const called = `${name} ${language} ${colorScheme} ${width}`
        if (SHOTS) await page.screenshot({ path: join(SHOTS, `${called.replaceAll(/\W+/g, '-')}.png`), fullPage: true })
        await look(called)
      }
    }
  }
  await speak(page, 'en')
}

/** The languages in which the page, at its narrowest, has to be moved sideways to be read. */
export async function sideways(page) {
  const tooWide = []
  await page.setViewportSize({ width: NARROWEST, height: HEIGHT })
  for (const language of await languagesOf(page)) {
    await speak(page, language)
    if (await page.evaluate(() => document.scrollingElement.scrollWidth > innerWidth)) tooWide.push(language)
  }
  await speak(page, 'en')
  return tooWide
}

const choice = (page) => page.getByRole('combobox', { name: /^(Language|Langue)$/ })

// The outbox, for developers only, has one language.
async function languagesOf(page) {
  return (await choice(page).count()) ? ['en', 'fr'] : ['en']
}

async function speak(page, language) {
  if (await choice(page).count()) await choice(page).selectOption(language)
  await page.locator(`html[lang="${language}"]`).waitFor({ state: 'attached' })
}
