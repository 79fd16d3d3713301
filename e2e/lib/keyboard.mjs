import assert from 'node:assert/strict'
import { until } from './until.mjs'

const STEPS = 120 // more than any page has places to stop at

/** Somebody's keyboard, and nothing else. */
export class Keyboard {
  /** What a pointer did to the page all the same. */
  touched = []

  static async of(person) {
    const keyboard = new Keyboard(person.page)
    await person.page.exposeFunction('pointerSeen', (what) => keyboard.touched.push(what))
    await person.page.addInitScript(() => {
      for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
        addEventListener(kind, (event) => event.isTrusted && window.pointerSeen(kind), { capture: true })
    })
    return keyboard
  }

  constructor(page) {
    this.page = page
  }

  /** Tabs until the one with that role and name has the focus, and shows that it has. */
  async to(role, name, { exact = true } = {}) {
    const wanted = this.page.getByRole(role, { name, exact })
    await wanted.first().waitFor()
    for (let step = 0; step < STEPS; step++) {
      await this.page.keyboard.press('Tab')
      const seen = await wanted.evaluateAll(focusOf)
      if (!seen) continue
      assert.ok(seen.outlined, `the focus on ${role} “${name}” is drawn`)
      assert.ok(!seen.covered, `the focus on ${role} “${name}” is not behind ${seen.covered}`)
      return
    }
    throw new Error(`${STEPS} times Tab did not lead to ${role} “${name}”`)
  }

  async press(role, name, key = 'Enter') {
    await this.to(role, name)
    await this.page.keyboard.press(key)
  }

  /** Waits until a press has been answered, and sees that it did not lose the focus. */
  async kept(answered) {
    await answered
    await until('the focus is somewhere', () => this.page.evaluate(() => document.activeElement !== document.body), { within: 2_000 })
  }

  async write(label, text) {
    await this.to('textbox', label)
    await this.page.keyboard.type(text)
  }
}

/** Runs in the page: how the focus shows, if one of the elements has it. */
function focusOf(elements) {
  const one = elements.find((element) => element === document.activeElement)
  if (!one) return null
  const style = getComputedStyle(one)
  const box = one.getBoundingClientRect()
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
  return {
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    covered: one.contains(top) || top?.contains(one) ? '' : (top?.outerHTML ?? 'the edge of the window').slice(0, 120),
  }
}
