// Writes the licences of the fonts beside the built app: whoever gets a font may read them.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const fonts = Object.keys(dependencies).filter((name) => name.startsWith('@fontsource/'))
const licences = fonts.map((name) => `${name.split('/')[1]}\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8')}`)
writeFileSync(join(root, 'dist', 'fonts.txt'), licences.join('\n\n'))
