import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const start = promisify(execFile)
const DEBIAN = '/usr/lib/postgresql'

function psql() {
  const folders = (process.env.PATH ?? '').split(':')
  try {
    folders.push(...readdirSync(DEBIAN).sort().reverse().map((version) => join(DEBIAN, version, 'bin')))
  } catch {
    // Not Debian: PATH has to do.
  }
  const found = folders.find((folder) => {
    try {
      return readdirSync(folder).includes('psql')
    } catch {
      return false
    }
  })
  if (!found) throw new Error('psql was found neither in PATH nor under /usr/lib/postgresql')
  return join(found, 'psql')
}

/** Runs a statement and returns what psql says of it. */
export async function run(databaseURL, sql) {
  const { stdout } = await start(psql(), ['--no-psqlrc', '--set', 'ON_ERROR_STOP=1', '--command', sql, databaseURL])
  return stdout.trim()
}

/** Gives the account n followers whose own accounts are ageDays old. */
export async function addFollowers(databaseURL, handle, n, { ageDays }) {
  const sql = `
    with fan as (
      insert into accounts (id, handle, display_name, email, password_hash, created_at)
      select gen_random_uuid(), 'fan_' || left(md5(random()::text), 24), 'Fan ' || i,
             gen_random_uuid() || '@fans.test', 'no password', now() - ${Number(ageDays)} * interval '1 day'
      from generate_series(1, ${Number(n)}) i
      returning id, created_at
    )
    insert into follows (follower_id, followee_id, follower_created_at)
    select fan.id, accounts.id, fan.created_at from fan, accounts where handle = '${handle}'`
  const said = await run(databaseURL, sql)
  if (said !== `INSERT 0 ${n}`) throw new Error(`seeding ${n} followers of ${handle} said: ${said}`)
}
