import { run } from './sql.mjs'

/** A line of captions as a body of the log has it; correcting is the segment of the line it takes the place of. */
function bodyOf({ segment, text, at, revision = 1, source = 'machine' }) {
  return { segment, text, start: at, end: at, language: 'en', source, engine: 'vosk', revision }
}

const AT_ONCE = 300 // lines a statement, which has to fit the command line of psql

/** Puts lines into the room's log as if the account had said them, a second apart until now; returns their segments. */
export async function writeLines({ databaseURL }, { handle, path }, texts) {
  const now = Date.now()
  const at = (i) => new Date(now - (texts.length - i) * 1_000).toISOString()
  const lines = texts.map((one, i) => bodyOf({ segment: crypto.randomUUID(), at: at(i), ...(one.text ? one : { text: one }) }))
  for (let i = 0; i < lines.length; i += AT_ONCE) await append(databaseURL, handle, path, lines.slice(i, i + AT_ONCE))
  return lines.map(({ segment }) => segment)
}

async function append(databaseURL, handle, path, lines) {
  const bodies = JSON.stringify(lines).replaceAll("'", "''")
  await run(databaseURL, `
    with said as (select * from jsonb_array_elements('${bodies}') with ordinality line (body, n)),
      head as (select room_id, last_seq from room_logs where room_id = '${path.slice('/r/'.length)}' for update),
      grown as (update room_logs l set last_seq = head.last_seq + ${lines.length} from head where l.room_id = head.room_id),
      entries as (
        insert into log_entries (room_id, seq, kind, subject_id)
        select head.room_id, head.last_seq + said.n, 'caption', (select id from accounts where handle = '${handle}') from head, said
        returning room_id, seq
      )
    insert into log_contents (room_id, seq, body)
    select entries.room_id, entries.seq, said.body from entries, head, said where entries.seq = head.last_seq + said.n`)
}

/** The box of captions on a page. */
export const captionsOn = ({ page }) => page.getByRole('log', { name: 'Captions' })

/** A line of them. */
export const captionOn = (person, text) => captionsOn(person).locator('p[id]').getByText(text, { exact: true })

/** Sends the page frames as if they came by its room socket; it has to be open by then. */
export async function frameSender(page) {
  let socket
  await page.routeWebSocket(/\/live/, (opened) => {
    socket = opened
    opened.connectToServer()
  })
  return { send: (frame) => socket.send(JSON.stringify(frame)), close: () => socket.close({ code: 3008 }) }
}

/** A partial, as the socket brings it. */
export const partial = (text, segment = 'now') => ({
  type: 'partial', speaker: { id: 'p', handle: 'pat', name: 'Pat' }, segment, text, start: new Date().toISOString(), language: 'en',
})
