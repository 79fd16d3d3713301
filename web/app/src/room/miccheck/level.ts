// From samples to what a person is told about their voice.

/** Decibels below full scale where the meter begins, and where it is full. */
const FLOOR = -60
const FULL = -10
/** From here on it is a voice and no longer the noise of a room: -42 dB. */
const VOICE = 0.36
/** Milliseconds a voice counts as heard after its last sound, so that the words beside the meter do not flicker. */
const HOLD = 4_000

/** Root mean square of samples between -1 and 1. */
export function rms(samples: Float32Array): number {
  const sum = samples.reduce((sum, sample) => sum + sample * sample, 0)
  return Math.sqrt(sum / (samples.length || 1))
}

/** How far the meter goes, from 0 to 1, by the logarithm as ears hear. */
export function loudness(rms: number): number {
  const decibels = 20 * Math.log10(rms)
  return Math.min(Math.max((decibels - FLOOR) / (FULL - FLOOR), 0), 1)
}

/** Remembers for a moment that a voice was heard. */
export class Ear {
  #until = -Infinity

  /** Whether a voice is heard now, in milliseconds of any clock, or was just before. */
  hears(loudness: number, now: number): boolean {
    if (loudness >= VOICE) this.#until = now + HOLD
    return now < this.#until
  }
}
