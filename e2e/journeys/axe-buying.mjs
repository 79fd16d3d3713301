import { buyerPages } from '../lib/buyertour.mjs'
import { Inspection } from '../lib/inspection.mjs'
import { journey } from '../lib/journey.mjs'

journey('axe-buying', async (world) => {
  const inspection = new Inspection()
  await buyerPages(world, inspection.visit)
  inspection.close('axe-buying')
}, { settings: {}, limit: 600_000 })
