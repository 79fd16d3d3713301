import { expect, it } from 'vitest'
import { said } from './testing/said'
import { lineAt, secondsOf } from './times'
import { linesOf } from './turns'

it('reads times as people write them', () => {
  const written = ['75', '1:15', '0:01:15', ' 01:02:03 ', '90:00', '1:75', '1:60:00', '', 'x', '1:2:3:4', '-5']
  expect(written.map(secondsOf)).toEqual([75, 75, 75, 3_723, undefined, undefined, undefined, undefined, undefined, undefined, undefined])
})

it('finds the line that was being said', () => {
  const lines = linesOf([said(2), said(3)])
  expect([0, 2.5, 3, 9].map((minute) => lineAt(lines, minute * 60_000)?.seq)).toEqual([2, 2, 3, 3])
  expect(lineAt([], 0)).toBeUndefined()
})
