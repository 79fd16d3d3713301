import assert from 'node:assert/strict'
import { faultsOf } from './axe.mjs'
import { everyLook, sideways } from './looks.mjs'

/** Looks at pages in every language, scheme and width, and keeps what is wrong with them. */
export class Inspection {
  found = []
  #looks = 0

  /** Whoever tours the pages calls it once a page shows what it is about. */
  visit = async (page, name) => {
    await everyLook(page, name, async (look) => {
      this.#looks++
      this.found.push(...(await faultsOf(page)).map((fault) => `${look}: ${fault}`))
    })
    this.found.push(...(await sideways(page)).map((language) => `${name} ${language}: scrolls sideways at 320 pixels`))
  }

  /** Prints how much was looked at, and fails when something is wrong. */
  close(name) {
    console.log(`${name}: ${this.#looks} looks at pages, ${this.found.length} faults`)
    assert.deepEqual(this.found, [])
  }
}
