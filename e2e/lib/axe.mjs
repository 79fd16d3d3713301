import axe from 'axe-core'

// WCAG 2.2 A and AA, and what axe-core's authors find good practice.
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe-core finds wrong with the page as it is now, a line each. */
export async function faultsOf(page) {
  // Evaluated by the debugger, so that the page's content security policy has no say in it.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${axe.source};undefined`)
  return page.evaluate(look, RULES)
}

/** Runs in the page, and sends only what is wrong: all that is right would take longer to send than to find. */
async function look(values) {
  const { violations } = await window.axe.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'], preload: false })
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`))
}
