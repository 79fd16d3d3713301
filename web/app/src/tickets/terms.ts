import { getSellingTerms, type SellingTerms } from '../api/tickets'

let known: Promise<SellingTerms> | undefined

/** How this server sells, asked once a visit. */
export function sellingTerms(): Promise<SellingTerms> {
  known ??= getSellingTerms().catch((thrown) => {
    known = undefined // the next who asks asks the server
    throw thrown
  })
  return known
}
