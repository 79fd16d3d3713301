import { expect, it } from 'vitest'
import { textOf } from './copy'
import { bob, said } from './testing/said'
import { linesOf } from './turns'

it('names who said what', () => {
  const lines = linesOf([said(1), said(2), said(3, {}, bob), { ...said(4), subject: undefined }])
  expect(textOf(lines, 'Somebody')).toBe('Ada:\nline 1\nline 2\n\nBob:\nline 3\n\nSomebody:\nline 4')
})
