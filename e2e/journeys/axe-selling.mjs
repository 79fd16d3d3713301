import { Inspection } from '../lib/inspection.mjs'
import { journey } from '../lib/journey.mjs'
import { salesAdminPages, sellerPages } from '../lib/sellertour.mjs'

journey('axe-selling', async (world) => {
  const inspection = new Inspection()
  for (const pages of [sellerPages, salesAdminPages]) await pages(world, inspection.visit)
  inspection.close('axe-selling')
}, { settings: {}, limit: 600_000 })
