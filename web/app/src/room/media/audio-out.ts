import { RemoteTrack, type Room, RoomEvent, Track } from 'livekit-client'

/** The one place where the sound of others reaches the loudspeaker. */
export function playRemoteAudio(room: Room): void {
  const shelf = document.createElement('div')
  shelf.hidden = true
  document.body.append(shelf)
  room.on(RoomEvent.TrackSubscribed, (track: RemoteTrack) => {
    if (track.kind === Track.Kind.Audio) shelf.append(track.attach())
  })
  room.on(RoomEvent.TrackUnsubscribed, (track: RemoteTrack) => {
    for (const element of track.detach()) element.remove()
  })
  room.on(RoomEvent.Disconnected, () => shelf.remove())
}

/** Whether a single byte of anybody's sound has come in, by the browser's own statistics. */
export async function receivesAudio(room: Room): Promise<boolean> {
  const publications = [...room.remoteParticipants.values()].flatMap((person) => [...person.audioTrackPublications.values()])
  const receivers = publications.flatMap(({ track }) => (track instanceof RemoteTrack && track.receiver ? [track.receiver] : []))
  const reports = await Promise.all(receivers.map((receiver) => receiver.getStats()))
  return reports.some((report) => [...report.values()].some((one) => one.type === 'inbound-rtp' && one.bytesReceived > 0))
}
