/** A live room with its host inside. */
export async function openRoom(world, title) {
  const host = await world.host('Hedy')
  await host.page.reload() // the page shows what the server says now
  const path = await host.startRoom(title)
  await host.join()
  return { host, path }
}

/** Brings a listener up the way people do: raise, invite, accept, microphone on. */
export async function bringUp(host, listener) {
  await listener.button('Raise hand').click()
  await host.named('Raised hands', listener).waitFor()
  await host.button(`Invite to speak ${listener.name}`).click()
  await listener.page.getByRole('heading', { name: 'You are invited to speak' }).waitFor()
  await listener.button('Accept').click()
  await listener.turnMicrophoneOn()
}
