// Writes a compressed copy beside every built file that gains by it, so that the server need not compress at all.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'

const worthIt = /\.(js|css|svg|json|webmanifest)$/

function compress(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) compress(path)
    else if (worthIt.test(name)) writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: constants.Z_BEST_COMPRESSION }))
  }
}

compress(new URL('../dist/', import.meta.url).pathname)
