import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'

const CANARY = '<img src=x onerror=window.pwned=1>'

// W9: what people write is text wherever it is shown; a page that ran it would say so.
journey('canaries', async (world) => {
  const host = await world.host('Hedy')
  const path = await host.startRoom(CANARY)
  await host.join()
  const listener = await world.visitor('Lise')
  listener.name = `Lise ${CANARY}`
  await listener.signUp()
  const broken = []
  for (const { page } of [host, listener]) {
    page.on('console', (message) => message.text().includes('Content Security Policy') && broken.push(message.text()))
  }
  await listener.join(path)
  const id = path.split('/').at(-1)
  const write = (page, method, what, body) =>
    page.evaluate(
      async ([method, url, body]) => {
        const headers = { 'Content-Type': 'application/json' }
        return (await fetch(url, { method, headers, body: JSON.stringify(body) })).status
      },
      [method, `/api/rooms/${id}/${what}`, body],
    )
  assert.equal(await write(host.page, 'POST', 'notices', { text: CANARY }), 201)
  assert.equal(await write(host.page, 'PUT', 'pin', { url: 'https://salon.example/', title: CANARY }), 204)
  assert.equal(await write(listener.page, 'PUT', 'hand', { question: CANARY }), 204)
  const shown = (page) => page.getByRole('log', { name: 'What happened' }).getByText(CANARY, { exact: true })
  await Promise.all([host, listener].map(({ page }) => shown(page).first().waitFor()))

  for (const { page } of [host, listener]) {
    assert.equal(await page.evaluate(() => window.pwned), undefined)
    for (const address of [path, `/r/${id}/transcript`, '/', `/@${host.handle}`]) {
      await page.goto(new URL(address, page.url()).href)
      assert.equal(await page.evaluate(() => window.pwned), undefined, address)
    }
  }
  assert.deepEqual(broken, [])
})
