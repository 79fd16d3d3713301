import { describe, expect, it } from 'vitest'
import { Ear, loudness, rms } from './level'

const tone = (peak: number) => Float32Array.from({ length: 1024 }, (_, i) => peak * Math.sin((2 * Math.PI * i) / 64))

describe('the level', () => {
  it('is the root mean square', () => {
    expect(rms(new Float32Array(64))).toBe(0)
    expect(rms(new Float32Array(0))).toBe(0)
    expect(rms(tone(1))).toBeCloseTo(Math.SQRT1_2, 3)
  })

  it('rises with the logarithm, and stays on the meter', () => {
    expect(loudness(0)).toBe(0)
    expect(loudness(0.001)).toBeCloseTo(0)
    expect(loudness(0.01)).toBeCloseTo(0.4)
    expect(loudness(0.1)).toBeCloseTo(0.8)
    expect(loudness(1)).toBe(1)
  })
})

describe('an ear', () => {
  it('hears a voice and forgets it after a while', () => {
    const ear = new Ear()
    expect(ear.hears(0.1, 0)).toBe(false)
    expect(ear.hears(0.6, 100)).toBe(true)
    expect(ear.hears(0, 4_000)).toBe(true)
    expect(ear.hears(0, 4_200)).toBe(false)
  })

  it('takes the noise of a room for no voice', () => {
    expect(new Ear().hears(loudness(0.002), 0)).toBe(false)
  })
})
