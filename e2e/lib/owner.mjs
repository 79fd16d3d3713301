/** Somebody new becomes the server's owner by the link it printed. */
export async function newOwner(world, name) {
  const owner = await world.person(name)
  await owner.page.goto(world.server.ownerLink())
  await owner.button(`Make @${owner.handle} the owner`).click()
  await owner.form('Who may host rooms here?').waitFor()
  return owner
}
