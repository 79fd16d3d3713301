import { expect, it } from 'vitest'
import { dueWords } from './due'

it('says once what Stripe asks for in several fields', () => {
  expect(dueWords(['individual.first_name', 'individual.last_name', 'individual.dob.day', 'individual.dob.year'])).toEqual([
    'your name',
    'your date of birth',
  ])
})

it('knows whose name and which address', () => {
  expect(dueWords(['company.name', 'individual.address.city', 'person_123.first_name', 'individual.email'])).toEqual([
    'your company',
    'your address',
    'the people who run the company',
    'your e-mail address or phone number',
  ])
})

it('has words for all that an account asks for at first', () => {
  const first = ['business_profile.url', 'business_type', 'external_account', 'individual.ssn_last_4', 'individual.verification.document', 'tos_acceptance.date']
  for (const [i, words] of dueWords(first).entries()) expect(words).not.toBe(first[i])
})

it('leaves what is new as it is', () => {
  expect(dueWords(['hologram'])).toEqual(['hologram'])
})
