import { journey } from '../lib/journey.mjs'

journey('owner-sets-gate', async (world) => {
  const owner = await world.person('Olga')
  const { page } = owner
  await owner.signOut()
  await page.goto(world.server.ownerLink())
  await page.getByText('This link makes you the owner').waitFor()
  await owner.signIn()
  await owner.button(`Make @${owner.handle} the owner`).click()
  await setGate(owner, 'Everyone')

  const anyone = await world.person('Anne')
  await anyone.startRoom('Nobody follows me')

  // Back to the rules of before, for the journeys after this one.
  await page.goto('/owner')
  await setGate(owner, 'People with enough followers')
  await page.goto(`/@${anyone.handle}`)
  await owner.button('Let them host').click()
  await page.getByText('They may host now.').waitFor()
})

async function setGate(owner, choice) {
  const form = owner.form('Who may host rooms here?')
  await form.getByLabel(choice).check()
  await form.getByRole('button', { name: 'Save' }).click()
  await form.getByText('Saved.').waitFor()
}
