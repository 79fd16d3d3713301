import { expect, it } from 'vitest'
import { formatMoney, parseMoney, typedMoney } from './money'

it('writes an amount with the digits of its currency', () => {
  expect(formatMoney(500, 'usd', 'en')).toBe('$5.00')
  expect(formatMoney(500, 'jpy', 'en')).toBe('¥500')
  expect(formatMoney(12_345, 'eur', 'fr').replace(/\s/g, ' ')).toBe('123,45 €')
})

it('believes the digits it is told before its own', () => {
  expect(formatMoney(500, 'jpy', 'en', 2)).toBe('¥5.00')
})

it('reads an amount with a point, a comma, or neither', () => {
  expect(parseMoney('5', 2)).toBe(500)
  expect(parseMoney('5.5', 2)).toBe(550)
  expect(parseMoney(' 5,05 ', 2)).toBe(505)
  expect(parseMoney('1 250,00', 2)).toBe(125_000)
  expect(parseMoney('500', 0)).toBe(500)
})

it('guesses nothing', () => {
  for (const text of ['', 'free', '-5', '5.', '.5', '1,234.50', '1,000', '1e3', '99999999999999999']) {
    expect(parseMoney(text, 2), text).toBeUndefined()
  }
  expect(parseMoney('5.0', 0)).toBeUndefined()
})

it('reads what it fills a field with', () => {
  for (const locale of ['en', 'fr']) {
    expect(parseMoney(typedMoney(123_456, locale, 2), 2)).toBe(123_456)
    expect(parseMoney(typedMoney(7, locale, 0), 0)).toBe(7)
  }
})
