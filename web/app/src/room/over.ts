import { readLog } from '../api/rooms'
import type { LogEntry } from '../api/types'

const gone = ({ kind, body }: LogEntry) => kind === 'system' && body?.what === 'host-gone'

/** Whether a room that is over ended because its host did not come back. The last lines may not have arrived by the socket. */
export async function hostWasGone(id: string, known: LogEntry[]): Promise<boolean> {
  if (known.some(gone)) return true
  const { entries } = await readLog(id, known.at(-1)?.seq ?? 0)
  return entries.some(gone)
}
