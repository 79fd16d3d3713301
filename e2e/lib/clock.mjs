/** What a datetime-local input takes for a time from now, by the clock of the page. */
export function wallClock(page, ahead) {
  return page.evaluate((ahead) => {
    const at = new Date(Date.now() + ahead)
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
  }, ahead)
}
