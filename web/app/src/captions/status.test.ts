import { afterAll, expect, it, vi } from 'vitest'
import type { CaptionStatus } from '../api/types'
import { originOf, troubleOf } from './status'

vi.stubGlobal('navigator', { languages: ['en'] })
afterAll(() => vi.unstubAllGlobals())

const on: CaptionStatus = { state: 'on', engine: 'vosk' }

it('says why there are no captions, or fewer', () => {
  const told = [undefined, { state: 'off' }, { state: 'no-model', language: 'de' }, { ...on, load: 'finals-only' }, { ...on, load: '' }, on] as (CaptionStatus | undefined)[]
  expect(told.map((status) => troubleOf(status, true))).toEqual([
    'Captions are starting.', 'This server has no captions.', 'There are no captions in German on this server.',
    'This server is busy: words come a sentence at a time.', '', '',
  ])
  expect(troubleOf(on, false)).toBe('Captions are unavailable: trying again.')
})

it('says how late they are, when they are', () => {
  expect([on, { ...on, late_seconds: 0 }, { ...on, late_seconds: 3 }].map(originOf)).toEqual([
    'Automatic captions by vosk', 'Automatic captions by vosk', 'Automatic captions by vosk · 3 s behind',
  ])
})
