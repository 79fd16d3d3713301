// Apart from what is done in rooms, which the first page does not load.
import { call } from './call'
import type { Room } from './types'

export const listRooms = async () => (await call<{ rooms: Room[] }>('GET', '/api/rooms')).rooms
