// Prints what a visitor downloads, gzipped: the first page, and what Join adds.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const dist = join(import.meta.dirname, '..', 'dist')
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'))

const first = withImports('index.html')
const room = withImports('src/room/RoomPage.svelte')
const sound = withImports('src/room/media/livekit.ts')

print('first page JS', scripts(first))
print('first page CSS', styles(first))
print('added by a room page', without(scripts(room), scripts(first)))
print('added by Join (livekit-client)', without(scripts(sound), [...scripts(first), ...scripts(room)]))

function withImports(name) {
  const chunk = manifest[name]
  return [chunk, ...(chunk.imports ?? []).flatMap(withImports)]
}

function scripts(chunks) {
  return chunks.map((chunk) => chunk.file)
}

function styles(chunks) {
  return chunks.flatMap((chunk) => chunk.css ?? [])
}

function without(files, others) {
  return files.filter((file) => !others.includes(file))
}

function print(label, files) {
  const bytes = [...new Set(files)].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0)
  console.log(`${label}: ${(bytes / 1024).toFixed(1)} KiB gzip`)
}
