// Prints what a visitor downloads, and fails when it is more than it may be.
import { join } from 'node:path'
import { tooHeavy, weigh } from './weigh.mjs'

const weights = weigh(join(import.meta.dirname, '..', 'dist'))
const told = ({ name, weight, most }) => `${name} ${weight.toFixed(1)}${most ? ` of ${most}` : ''} KiB`
console.log(`gzip: ${weights.map(told).join(', ')}`)
for (const one of tooHeavy(weights)) {
  console.error(`too heavy: ${told(one)}`)
  process.exitCode = 1
}
