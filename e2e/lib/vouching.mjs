/** The voucher, who may host, stands up for the candidate. */
export async function vouchFor(voucher, candidate) {
  await voucher.page.goto('/vouches')
  const form = voucher.form('Vouch for somebody')
  await form.getByLabel('Their name here').fill(`@${candidate.handle}`)
  await form.getByRole('button', { name: 'Vouch as a host' }).click()
  await form.getByText(`You vouch for @${candidate.handle}.`).waitFor()
}
