/** The topics somebody typed, separated by commas. */
export const topicsOf = (typed: string): string[] =>
  typed
    .split(',')
    .map((topic) => topic.trim())
    .filter(Boolean)

/** The handles somebody typed, separated by commas, with or without @. */
export const handlesOf = (typed: string): string[] => topicsOf(typed).map((handle) => handle.replace(/^@/, ''))
