import { type RemoteTrack, type Room, RoomEvent, Track } from 'livekit-client'

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
