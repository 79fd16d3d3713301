import { journey } from '../lib/journey.mjs'
import { mailedLink } from '../lib/outbox.mjs'

journey('mailed-links', async (world) => {
  const person = await world.person('Mila')
  const { page } = person

  await page.getByText('Please confirm your address').waitFor()
  await page.goto(await mailedLink(person, '/verify'))
  await page.getByText('Your e-mail address is confirmed.').first().waitFor()
  await page.getByText('Please confirm your address').waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'See all rooms' }).click()

  await person.signOut()
  await ask(person, 'Send me a link', 'Sign in by mail')
  await page.goto(await mailedLink(person, '/enter'))
  await page.getByRole('heading', { level: 1, name: 'Sign in by link' }).waitFor()
  await page.getByRole('link', { name: `@${person.handle}` }).waitFor({ state: 'detached' }) // not before the click
  await person.button('Sign in').click()
  await page.getByRole('link', { name: `@${person.handle}`, exact: true }).waitFor()

  await person.signOut()
  await ask(person, 'Forgot your password?', 'Set a new password')
  await page.goto(await mailedLink(person, '/reset'))
  await person.form('Set your new password').getByLabel('Choose a password').fill('quite another battery')
  await person.button('Save password').click()
  await person.signIn('quite another battery')
})

async function ask(person, way, title) {
  await person.button(way).click()
  const form = person.form(title)
  await form.getByLabel('Handle or e-mail').fill(person.handle)
  await form.getByRole('button', { name: 'Send the link' }).click()
  await form.getByText('If there is such an account').waitFor()
}
