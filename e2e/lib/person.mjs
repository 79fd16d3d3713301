import { randomBytes } from 'node:crypto'
import { TokenTrap } from './tokens.mjs'

const CONSOLE_LINES = 60
export const PASSWORD = 'correct horse battery staple'

/** Somebody with a browser of their own, doing what people do: reading, typing and pressing buttons. */
export class Person {
  console = []

  static async arrive(browser, url, name, options) {
    const context = await browser.newContext({ baseURL: url, locale: 'en-GB', permissions: ['microphone'], ...options })
    context.setDefaultTimeout(15_000)
    return new Person(context, await context.newPage(), name)
  }

  constructor(context, page, name) {
    const tag = randomBytes(3).toString('hex')
    Object.assign(this, { context, page, name: `${name} ${tag}`, handle: `${name.toLowerCase()}_${tag}` })
    this.tokens = new TokenTrap(page)
    page.on('console', (line) => this.#note(`${line.type()}: ${line.text()}`))
    page.on('response', (answer) => this.#noteRefusal(answer))
    page.on('pageerror', (error) => this.#note(`page error: ${error.stack ?? error}`))
  }

  async signUp() {
    await this.page.goto('/')
    const form = this.form('Create an account')
    await form.getByLabel('Your name', { exact: true }).fill(this.name)
    await form.getByLabel('Handle', { exact: true }).fill(this.handle)
    await form.getByLabel('E-mail', { exact: true }).fill(`${this.handle}@people.test`)
    await form.getByLabel('Choose a password', { exact: true }).fill(PASSWORD)
    await form.getByRole('button', { name: 'Create account' }).click()
    await this.#signedIn()
  }

  /** Becomes somebody the demo made up, by the banner's button. */
  async playDemo(handle) {
    await this.page.goto('/')
    await this.button(`Sign in as @${handle}`).click()
    this.handle = handle
    await this.#signedIn()
  }

  /** The same person at another device, signed in there. */
  async onAnother(world) {
    const other = await world.visitor('Other')
    Object.assign(other, { name: this.name, handle: this.handle })
    await other.page.goto('/')
    await other.signIn()
    return other
  }

  async signOut() {
    await this.button('Sign out').click()
    await this.form('Sign in').waitFor()
  }

  async signIn(password = PASSWORD) {
    const form = this.form('Sign in')
    await form.getByLabel('Handle or e-mail').fill(this.handle)
    await form.getByLabel('Password').fill(password)
    await form.getByRole('button', { name: 'Sign in' }).click()
    await this.#signedIn()
  }

  /** Fills in "Host a room" and sends it; whether it is granted is another question. */
  async askForRoom(title) {
    const form = this.form('Host a room')
    await form.getByLabel('Title').fill(title)
    await form.getByLabel('Topics').fill('night talk, music')
    await form.getByRole('button', { name: 'Create room' }).click()
    return form
  }

  async startRoom(title) {
    await this.askForRoom(title)
    await this.page.waitForURL(/\/r\//)
    await this.page.getByRole('heading', { level: 1, name: title }).waitFor()
    return new URL(this.page.url()).pathname
  }

  async join(path) {
    if (path) await this.page.goto(path)
    await this.button('Join').click()
    await this.button('Leave quietly').waitFor()
    this.identity = await this.page.evaluate(() => window.salonRoom.localParticipant.identity)
  }

  /** Comes in without sound, to read. */
  async read(path) {
    if (path) await this.page.goto(path)
    await this.button('Only read').click()
    await this.button('Leave quietly').waitFor()
  }

  /** Asks at the door and is refused; returns the sentence and the next step. */
  async isRefused(path, way = 'Join') {
    if (path) await this.page.goto(path)
    await this.button(way).click()
    return this.toldWhy()
  }

  /** The sentence and the next step of the refusal on the page. */
  async toldWhy() {
    const alert = this.page.getByRole('alert')
    await alert.waitFor()
    return alert.getByRole('paragraph').allInnerTexts()
  }

  async turnMicrophoneOn() {
    await this.button('Turn microphone on').click()
    await this.button('Turn microphone off').waitFor()
  }

  /** Opens what one may do about another person in the room, and presses a button there. */
  async about(person, action) {
    await this.button(`More ${person.name}`).click()
    const menu = this.menuOf(person)
    await menu.getByRole('button', { name: action, exact: true }).click()
    return menu
  }

  /** Chooses what asks for a reason first, and gives one. */
  async aboutBecause(person, action, title, reason) {
    const menu = await this.about(person, action)
    const form = menu.getByRole('form', { name: title })
    await form.getByLabel('Why (may be empty)').fill(reason)
    await form.getByRole('button').click()
  }

  menuOf(person) {
    return this.page.getByRole('group', { name: `What you can do about ${person.name}` })
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true })
  }

  form(name) {
    return this.page.getByRole('form', { name, exact: true })
  }

  /** The person's name in a panel; names are links to profiles. */
  named(panel, person) {
    return this.panel(panel).getByRole('link', { name: person.name })
  }

  /** Follows a link that opens beside the page, and returns the person as they are there. */
  async aside(link) {
    const [page] = await Promise.all([this.context.waitForEvent('page'), this.page.getByRole('link', { name: link }).click()])
    return Object.assign(Object.create(this), { page })
  }

  /** A use of a power over somebody, as an audit lists it. */
  entry(words, subject) {
    return this.page.getByRole('listitem').filter({ hasText: words }).filter({ hasText: subject.name })
  }

  /** A line of the room's log. */
  line(text) {
    return this.page.getByRole('log').locator('.line > span').getByText(text, { exact: true })
  }

  panel(name) {
    return this.page.getByRole('region', { name })
  }

  async #signedIn() {
    await this.page.getByRole('link', { name: `@${this.handle}`, exact: true }).waitFor()
  }

  async #noteRefusal(answer) {
    if (answer.status() < 400) return
    const text = await answer.text().catch(() => '')
    this.#note(`${answer.status()} ${answer.request().method()} ${new URL(answer.url()).pathname} ${text}`)
  }

  #note(line) {
    this.console.push(line.slice(0, 300))
    this.console.splice(0, this.console.length - CONSOLE_LINES)
  }
}
