/** A live room with its host inside. */
export async function openRoom(world, title) {
  const host = await world.host('Hedy')
  await host.page.reload() // the page shows what the server says now
  const path = await host.startRoom(title)
  await host.join()
  return { host, path }
}

/** Brings a listener up the way people do: one raises a hand, the other takes it, and the microphone goes on. */
export async function bringUp(host, listener) {
  await listener.button('Raise hand').click()
  await host.button(`Bring up ${listener.name}`).click()
  await listener.turnMicrophoneOn()
  await host.named('On stage', listener).waitFor()
}

/** The host writes a line for everyone. */
export async function say(host, text) {
  const form = host.form('A line for everyone')
  if (!(await form.isVisible())) await host.button('Write or pin').click()
  await form.getByLabel('Text').fill(text)
  await form.getByRole('button', { name: 'Send' }).click()
  await host.line(text).waitFor()
}

/** The host puts a link on top of the room. */
export async function pin(host, url, title) {
  const form = host.form('Pin a link')
  if (!(await form.isVisible())) await host.button('Write or pin').click()
  await form.getByLabel('Address').fill(url)
  await form.getByLabel('Title').fill(title)
  await form.getByRole('button', { name: 'Pin' }).click()
  await host.page.getByRole('link', { name: title }).waitFor()
}

/** The person raises a hand with a written question. */
export async function ask(person, question) {
  await person.button('Ask in writing').click()
  const form = person.form('Ask in writing')
  await form.getByLabel('Your question').fill(question)
  await form.getByRole('button', { name: 'Raise hand with it' }).click()
  await person.button('Lower hand').waitFor()
}

/** The room's rules, opened in the studio. */
export async function rulesOf(host) {
  const form = host.form('Rules of the room')
  if (!(await form.isVisible())) await host.button('Rules of the room').click()
  await form.waitFor()
  return form
}
