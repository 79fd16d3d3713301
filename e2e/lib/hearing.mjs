// What a page receives of one speaker, by the browser's own RTC statistics. The functions handed to the page are
// self-contained: they run there.

import { until } from './until.mjs'

/** Waits until the page has received more sound energy and more packets of that identity than before. */
export async function hearsMore(page, identity, { within = 30_000 } = {}) {
  const first = await until('first sound arrives', () => page.evaluate(audible, { identity }), { within })
  const last = await until('more sound arrives', () => page.evaluate(audible, { identity, beyond: first }), { within })
  return { first, last }
}

async function audible({ identity, beyond }) {
  const person = window.salonRoom?.remoteParticipants.get(identity)
  const receiver = [...(person?.audioTrackPublications.values() ?? [])].find((publication) => publication.track?.receiver)?.track.receiver
  if (!receiver) return null
  const stats = [...(await receiver.getStats()).values()].find((one) => one.type === 'inbound-rtp')
  if (!stats) return null
  const heard = { energy: stats.totalAudioEnergy ?? 0, packets: stats.packetsReceived }
  const enough = beyond ? heard.energy > beyond.energy && heard.packets > beyond.packets + 20 : heard.energy > 0 && heard.packets > 0
  return enough ? heard : null
}

/** Keeps hold of that identity's receiver in the page, so that it can be watched after the track is gone. */
export function holdReceiver(page, identity) {
  return page.evaluateHandle((identity) => {
    const person = window.salonRoom.remoteParticipants.get(identity)
    return [...person.audioTrackPublications.values()].find((publication) => publication.track?.receiver).track.receiver
  }, identity)
}

/** Resolves once no packet came to the receiver for a whole window of the statistics' own clock; fails if it never ends. */
export function fallsSilent(page, receiver, { window: ms = 2_000, within = 15_000 } = {}) {
  return until('the receiver falls silent', () => page.evaluate(quietFor, { receiver, ms }), { within, every: 100 })
}

async function quietFor({ receiver, ms }) {
  const report = await receiver.getStats()
  const clock = performance.timeOrigin + performance.now()
  const stats = [...report.values()].find((one) => one.type === 'inbound-rtp')
  const now = { packets: stats?.packetsReceived ?? 0, at: stats?.timestamp ?? clock, bytes: stats?.bytesReceived ?? 0 }
  const mark = (receiver.quietSince ??= now)
  if (mark.packets !== now.packets) receiver.quietSince = now
  return now.at - receiver.quietSince.at >= ms ? { packets: now.packets, quiet: now.at - receiver.quietSince.at } : null
}

/** Packets the receiver got until now. */
export function packetsOf(page, receiver) {
  return page.evaluate(async (receiver) => {
    const stats = [...(await receiver.getStats()).values()].find((one) => one.type === 'inbound-rtp')
    return stats?.packetsReceived ?? 0
  }, receiver)
}
