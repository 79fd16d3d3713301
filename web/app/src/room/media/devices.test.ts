import { afterEach, describe, expect, it, vi } from 'vitest'
import { keepDevice, keptDevice } from './devices'

afterEach(() => vi.unstubAllGlobals())

describe('the chosen devices', () => {
  it('are kept apart', () => {
    const shelf = new Map<string, string>()
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => shelf.get(key) ?? null,
      setItem: (key: string, value: string) => shelf.set(key, value),
    })
    expect(keptDevice('audioinput')).toBe('')
    keepDevice('audioinput', 'headset')
    keepDevice('audiooutput', 'desk')
    expect([keptDevice('audioinput'), keptDevice('audiooutput')]).toEqual(['headset', 'desk'])
  })

  it('are the system’s own where nothing may be kept', () => {
    const refuse = () => {
      throw new DOMException('storage is off', 'SecurityError')
    }
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse })
    keepDevice('audioinput', 'headset')
    expect(keptDevice('audioinput')).toBe('')
  })
})
