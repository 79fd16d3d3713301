import { getServer } from '../api/server'
import type { ServerInfo } from '../api/types'

let info = $state.raw<ServerInfo | null>(null)
let ready = $state(false)

export const server = {
  /** What the server says about itself; null when it did not say. */
  get info() {
    return info
  },
  /** Whether it has been asked. */
  get ready() {
    return ready
  },
  async load() {
    info = await getServer().catch(() => null) // pages then leave out what depends on it
    ready = true
  },
}
