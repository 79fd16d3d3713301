import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const RATE = 48_000
const SECONDS = 6
const PAUSE = 2 // seconds after a sentence

/** Writes a WAV that a voice detector takes for somebody talking: bursts of gliding tones with short pauses. */
export async function writeVoice(path) {
  const samples = new Int16Array(RATE * SECONDS)
  let phase = 0
  for (let i = 0; i < samples.length; i++) {
    const t = i / RATE
    const pitch = 140 + 60 * Math.sin(2 * Math.PI * 0.7 * t)
    phase += (2 * Math.PI * pitch) / RATE
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.1 * t)) ** 0.5
    const voice = Math.sin(phase) + 0.6 * Math.sin(2 * phase) + 0.4 * Math.sin(5 * phase) + 0.3 * Math.sin(9 * phase)
    samples[i] = Math.round(9_000 * syllable * voice)
  }
  await writeFile(path, Buffer.concat([header(samples.byteLength), Buffer.from(samples.buffer)]))
}

// RIFF header of 16 bit PCM, one channel.
function header(bytes) {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + bytes, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(RATE, 24)
  head.writeUInt32LE(RATE * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(bytes, 40)
  return head
}

/** Records a sentence by a synthetic voice, with a pause after it, and returns the path of the file of that name. */
export async function speak(folder, sentence, name = 'sentence') {
  const path = join(folder, `${name}.wav`)
  await promisify(execFile)('flite', ['-voice', 'slt', '-o', path, '-t', sentence])
  const spoken = await readFile(path)
  const pause = Buffer.alloc(2 * spoken.readUInt32LE(24) * PAUSE)
  const whole = Buffer.concat([spoken.subarray(0, 44), spoken.subarray(44), pause])
  whole.writeUInt32LE(whole.length - 8, 4)
  whole.writeUInt32LE(whole.length - 44, 40)
  await writeFile(path, whole)
  return path
}
