// What a visitor's browser downloads of the built app, gzipped, and how much of it there may be.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

// Parts that load at once, because these pages show them: the note of a new person.
const FIRST = ['index.html']
const ROOM = ['index.html', 'src/people/VerifyNote.svelte', 'src/room/RoomPage.svelte']
const SOUND = ['src/room/media/livekit.ts']

/** The weights in KiB, some with the most they may be. The demo's banner is left out: it is no part of a real server. */
export function weigh(dist) {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'))
  const scripts = (parts) => new Set(parts.flatMap((part) => withImports(manifest, part)).map((chunk) => chunk.file))
  const styles = (parts) => new Set(parts.flatMap((part) => withImports(manifest, part)).flatMap((chunk) => chunk.css ?? []))
  const weight = (files) => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0) / 1024
  return [
    { name: 'first page', weight: weight(scripts(FIRST)), most: 30 },
    { name: 'room before Join', weight: weight(scripts(ROOM)), most: 60 },
    { name: 'added by Join', weight: weight([...scripts(SOUND)].filter((file) => !scripts(ROOM).has(file))) },
    { name: 'CSS of a room', weight: weight(styles(ROOM)) },
  ]
}

/** Those that weigh more than they may. */
export const tooHeavy = (weights) => weights.filter(({ weight, most }) => weight > (most ?? Infinity))

function withImports(manifest, part) {
  const chunk = manifest[part]
  if (!chunk) throw new Error(`the built app has no part ${part}`)
  return [chunk, ...(chunk.imports ?? []).flatMap((one) => withImports(manifest, one))]
}
