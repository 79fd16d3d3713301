const SECONDS = 0.8

/** Plays two soft notes on a speaker, by the browser's id of it; empty for the system's choice. */
export async function playTone(speaker: string): Promise<void> {
  const context = new AudioContext()
  const out = new MediaStreamAudioDestinationNode(context)
  const player = new Audio()
  player.srcObject = out.stream
  try {
    if (speaker) await player.setSinkId(speaker)
    await Promise.all([context.resume(), player.play()])
    await new Promise((done) => ring(context, out).addEventListener('ended', done))
  } finally {
    player.srcObject = null
    await context.close()
  }
}

function ring(context: AudioContext, out: AudioNode): OscillatorNode {
  const start = context.currentTime + 0.1
  const note = new OscillatorNode(context, { frequency: 440 })
  const volume = new GainNode(context, { gain: 0 })
  note.frequency.setValueAtTime(660, start + SECONDS / 2)
  volume.gain.setValueAtTime(0, start)
  volume.gain.linearRampToValueAtTime(0.2, start + 0.05)
  volume.gain.setValueAtTime(0.2, start + SECONDS - 0.2)
  volume.gain.linearRampToValueAtTime(0, start + SECONDS)
  note.connect(volume).connect(out)
  note.start(start)
  note.stop(start + SECONDS)
  return note
}
