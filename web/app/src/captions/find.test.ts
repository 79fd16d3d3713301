import { expect, it } from 'vitest'
import { hitsOf, partsOf } from './find'
import { Finder } from './finder.svelte'
import { said } from './testing/said'
import { linesOf } from './turns'
import { View } from './view.svelte'
import { Words } from './words.svelte'

it('finds words in any case, with accents or without, and keeps the text as it is', () => {
  const text = 'Été comme ÉTÉ, l’e\u0301te\u0301'
  const parts = partsOf(text, ' ete')
  expect(parts.filter(({ hit }) => hit).map((part) => part.text)).toEqual(['Été', 'ÉTÉ', 'été'])
  expect(parts.map((part) => part.text).join('')).toBe(text.normalize('NFC'))
  expect(partsOf('İstanbul 👋 istanbul', 'istanbul').filter(({ hit }) => hit)).toHaveLength(2)
  expect(partsOf('as it is', '')).toEqual([{ at: 0, text: 'as it is', hit: false }])
})

it('names each hit by its line and place', () => {
  expect(hitsOf(linesOf([said(1, { text: 'bee or bee' }), said(2), said(3, { text: 'Bees' })]), 'bee')).toEqual([
    { segment: 's1', at: 0 }, { segment: 's1', at: 7 }, { segment: 's3', at: 0 },
  ])
})

it('goes from the newest hit backwards and around, and stays at it when lines come', () => {
  const words = new Words('r')
  const finder = new Finder(new View(() => words))
  words.anew(0, 1)
  words.add([said(1, { text: 'bee' }), said(2, { text: 'bee' })])
  finder.look('bee')
  expect(finder.index).toBe(1)
  words.add([said(3, { text: 'bee' })])
  expect([finder.index, finder.hits.length]).toEqual([1, 3])
  for (const [by, index] of [[-1, 0], [-1, 2], [1, 0]] as const) {
    finder.step(by)
    expect(finder.index).toBe(index)
  }
  finder.look('wasp')
  finder.step(1)
  expect([finder.index, finder.at]).toEqual([-1, undefined])
})
