import { describe, expect, it } from 'vitest'
import en from '../../messages/en.json'
import fr from '../../messages/fr.json'
import { pickLanguage } from './pick'

describe('pickLanguage', () => {
  it('puts the choice on this device before the account, and the account before the browser', () => {
    expect(pickLanguage('fr', 'en', ['en-GB'])).toBe('fr')
    expect(pickLanguage(null, 'fr', ['en-GB'])).toBe('fr')
    expect(pickLanguage(null, undefined, ['fr-CA', 'en'])).toBe('fr')
  })

  it('passes over languages the app does not speak', () => {
    expect(pickLanguage('xx', 'de', ['nl', 'fr'])).toBe('fr')
    expect(pickLanguage(null, undefined, ['nl'])).toBe('en')
  })
})

describe('the catalogues', () => {
  it('hold the same keys, in the same order', () => {
    expect(Object.keys(fr)).toEqual(Object.keys(en))
  })

  it('take the same inputs', () => {
    expect(inputs(fr)).toEqual(inputs(en))
  })
})

function inputs(catalogue: Record<string, unknown>) {
  return Object.entries(catalogue).map(([key, text]) => {
    const names = JSON.stringify(text).match(/(?<=\{)\w+(?=\})/g) ?? []
    return `${key}: ${[...new Set(names)].sort().join(' ')}`
  })
}
