import { expect, it } from 'vitest'
import { notBackWords } from './not-back-words'

it('says whether it was used, is late, or was never promised', () => {
  const refundable_until = '2026-01-01T00:00:00Z'
  expect(notBackWords({ refundable_until, used: true })).toBe('You came in with this ticket, so you cannot give it back. Ask the host.')
  expect(notBackWords({ refundable_until, used: false })).toBe('The time to give it back is over. Ask the host.')
  expect(notBackWords({ used: true })).toBe('Only the host can give you the money back.')
})
