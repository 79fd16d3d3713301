// Which microphone and which speaker this person chose, kept on this device only.

export type DeviceKind = 'audioinput' | 'audiooutput'

const key = (kind: DeviceKind) => `salon.${kind}`

/** The browser's id of the chosen device; empty for the system's own choice. The device may be gone by now. */
export function keptDevice(kind: DeviceKind): string {
  try {
    return localStorage.getItem(key(kind)) ?? ''
  } catch {
    return '' // storage is off: every visit begins with the system's choice
  }
}

export function keepDevice(kind: DeviceKind, id: string) {
  try {
    localStorage.setItem(key(kind), id)
  } catch {
    // It holds until the page is closed, then.
  }
}

/** Asks for that device and no other: some browsers take a mere wish for nothing. Without a choice, for any. */
export const exactly = (id: string) => (id ? { exact: id } : undefined)

/** Whether this is how a browser says that the device asked for is not there. */
export const isGone = (thrown: unknown) => thrown instanceof Error && thrown.name === 'OverconstrainedError'
