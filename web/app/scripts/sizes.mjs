// Prints what a visitor downloads, gzipped: the first page, and what Join adds.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const dist = join(import.meta.dirname, '..', 'dist')
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'))

const entry = Object.values(manifest).find((chunk) => chunk.isEntry)
const first = withImports(entry)
const joined = withImports(manifest[entry.dynamicImports[0]]).filter((chunk) => !first.includes(chunk))

print('first page JS', first.map((chunk) => chunk.file))
print('first page CSS', first.flatMap((chunk) => chunk.css ?? []))
print('added by Join (livekit-client)', joined.map((chunk) => chunk.file))

function withImports(chunk) {
  return [chunk, ...(chunk.imports ?? []).flatMap((name) => withImports(manifest[name]))]
}

function print(label, files) {
  const bytes = [...new Set(files)].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0)
  console.log(`${label}: ${(bytes / 1024).toFixed(1)} KiB gzip`)
}
