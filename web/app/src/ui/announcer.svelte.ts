let said = $state.raw({ text: '', turn: 0 })

/** Tells people who use a screen reader, politely, what others see change. */
export function announce(text: string) {
  said = { text, turn: said.turn + 1 }
}

export const announcer = {
  get said() {
    return said
  },
}
