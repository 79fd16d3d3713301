import { Ear, loudness, rms } from './level'

/** Milliseconds between two steps of the meter for those who asked for less motion. */
const CALM = 500

/** Measures a stream until stopped: how far the meter goes (0 to 1), and whether a voice is heard. */
export function measure(stream: MediaStream, tell: (level: number, heard: boolean) => void): { stop(): void } {
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: 2048 })
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const ear = new Ear()
  const pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? CALM : 0
  let last = -Infinity
  let frame = requestAnimationFrame(look)

  function look(now: number) {
    frame = requestAnimationFrame(look)
    analyser.getFloatTimeDomainData(samples)
    const level = loudness(rms(samples))
    const heard = ear.hears(level, now)
    if (now - last < pace) return
    last = now
    tell(level, heard)
  }

  return {
    stop() {
      cancelAnimationFrame(frame)
      context.close()
    },
  }
}
