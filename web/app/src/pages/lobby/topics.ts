/** The topics somebody typed, separated by commas. */
export const topicsOf = (typed: string): string[] =>
  typed
    .split(',')
    .map((topic) => topic.trim())
    .filter(Boolean)
