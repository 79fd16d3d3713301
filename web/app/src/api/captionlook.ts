import type { Look } from '../captions/look'
import { call } from './call'

const path = '/api/me/caption-look'

/** How the account likes captions to look; nothing as long as it never said. */
export const getCaptionLook = async () => (await call<{ look?: object }>('GET', path)).look
export const setCaptionLook = (look: Look) => call('PUT', path, look)
