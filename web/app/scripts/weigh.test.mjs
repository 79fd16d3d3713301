import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { tooHeavy, weigh } from './weigh.mjs'

const KIB = 1024
let dist

afterEach(() => rmSync(dist, { recursive: true }))

/** A built app whose parts do not get smaller by gzip; the entry imports one more. */
function built({ entry, shared, note = 1, room = 1 }) {
  dist = mkdtempSync(join(tmpdir(), 'salon-weigh-'))
  mkdirSync(join(dist, '.vite'))
  const chunk = (file, kib, more) => {
    writeFileSync(join(dist, file), randomBytes(kib * KIB))
    return { file, ...more }
  }
  const manifest = {
    'index.html': chunk('index.js', entry, { imports: ['_shared.js'] }),
    '_shared.js': chunk('shared.js', shared),
    'src/people/VerifyNote.svelte': chunk('note.js', note, { imports: ['_shared.js', 'index.html'] }),
    'src/room/RoomPage.svelte': chunk('room.js', room, { imports: ['index.html'] }),
    'src/room/media/livekit.ts': chunk('livekit.js', 100),
  }
  writeFileSync(join(dist, '.vite', 'manifest.json'), JSON.stringify(manifest))
  return dist
}

const refused = (app) => tooHeavy(weigh(built(app))).map(({ name }) => name)

it('takes an app that is light enough', () => {
  expect(refused({ entry: 10, shared: 18 })).toEqual([])
})

it('counts what the entry imports', () => {
  expect(refused({ entry: 10, shared: 20 })).toEqual(['first page'])
})

it('counts what a room loads at once beside it', () => {
  expect(refused({ entry: 10, shared: 10, note: 41 })).toEqual(['room before Join'])
})

it('refuses a room that is too heavy, with all it needs', () => {
  expect(refused({ entry: 10, shared: 10, room: 40 })).toEqual(['room before Join'])
})
