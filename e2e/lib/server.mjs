import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { until } from './until.mjs'

const binary = resolve(import.meta.dirname, '..', process.env.SALON_BIN ?? '../bin/salon')
const LOG_LINES = 400

/** `salon dev`, on any free port, with settings as environment variables. */
export function startServer({ demo = false, settings = {} } = {}) {
  return start(['dev', '--listen', '127.0.0.1:0'], { SALON_DEMO: `${demo}`, ...settings })
}

/** `salon serve` as people see it at http://NAME:port; no name server needs to know the name, for we ask it by its address. */
export async function startServing(name) {
  const address = `127.0.0.1:${await freePort()}`
  const publicURL = `http://${name}:${address.split(':')[1]}`
  return start(['serve', '--listen', address, '--public-url', publicURL, '--media-udp', '0', '--media-tcp', '0'], {}, `http://${address}`)
}

/** Starts the built binary in a directory of its own and waits until it is ready. */
async function start(args, env, address) {
  const dir = await mkdtemp(join(tmpdir(), 'salon-e2e-'))
  await chmod(dir, 0o711) // as root, Postgres runs as another user and must reach its files in here
  const child = spawn(binary, [...args, '--data', join(dir, 'data')], {
    env: { ...process.env, SALON_GUESSES_PER_MINUTE: '600', ...env }, // every person here comes from one address
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  process.once('exit', () => child.kill('SIGTERM')) // however this run ends, the server does not stay behind
  const server = new Server(dir, child, address)
  try {
    await server.ready()
  } catch (error) {
    await server.stop()
    throw new Error(`${error.message}\n${server.log.join('\n')}`)
  }
  return server
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

class Server {
  log = []
  #child
  #gone

  /** The address is where we reach the server, unless that is its public one. */
  constructor(dir, child, address) {
    Object.assign(this, { dir, address })
    this.#child = child
    this.#gone = new Promise((done) => child.once('close', done).once('error', (error) => done(this.#note(`${error}`))))
    for (const pipe of [child.stdout, child.stderr]) pipe.setEncoding('utf8').on('data', (text) => this.#note(text))
  }

  /** What the server says about itself: url, database_url, pid, sfu_pid. */
  async run() {
    return JSON.parse(await readFile(join(this.dir, 'data', 'run.json'), 'utf8'))
  }

  /** The link the server prints as long as nobody owns it. */
  ownerLink() {
    const found = this.log.map((line) => /https?:\S+\/owner#\S+/.exec(line)?.[0]).find(Boolean)
    if (!found) throw new Error('the server printed no owner link')
    return found
  }

  async ready() {
    const told = await until('the server writes run.json', () => this.#alive() && this.run().catch(() => null), { within: 60_000 })
    this.url = told.url
    this.address ??= told.url
    this.databaseURL = told.database_url
    await until('GET /readyz is 200', () => fetch(`${this.address}/readyz`).then((answer) => answer.ok, () => false), { within: 30_000 })
  }

  /** Ends it as an operator does, by the id it wrote down, and resolves with its exit code. */
  async end() {
    process.kill((await this.run()).pid, 'SIGTERM')
    await this.#gone
    return this.#child.exitCode
  }

  async stop() {
    if (this.#child.exitCode === null) this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 20_000)
    await this.#gone
    clearTimeout(late)
    await rm(this.dir, { recursive: true, force: true })
  }

  #alive() {
    if (this.#child.exitCode !== null) throw new Error(`the server ended with ${this.#child.exitCode}`)
    return true
  }

  #note(text) {
    this.log.push(...text.trimEnd().split('\n'))
    this.log.splice(0, this.log.length - LOG_LINES)
  }
}
