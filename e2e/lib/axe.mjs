import axe from 'axe-core'

// WCAG 2.2 A and AA, and what axe-core's authors find good practice.
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe-core finds wrong with the page as it is now, a line each. */
export async function faultsOf(page) {
  // Evaluated by the debugger, so that the page's content security policy has no say in it.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${axe.source};undefined`)
  return page.evaluate(look, RULES)
}

/**
 * Runs in the page, and sends only what is wrong: all that is right would take longer to send than to find.
 *
 * Looks from the end of the page, once what is fixed at its edge has made room: there it may cover nothing. Further up
 * it covers half of whatever happens to be scrolled under it, which whoever reads can scroll clear.
 */
async function look(values) {
  for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame)
  scrollTo(0, document.scrollingElement.scrollHeight)
  const { violations } = await window.axe.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'], preload: false })
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`))
}
