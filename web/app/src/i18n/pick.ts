/** The languages the app is written in. */
export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

/** The first wish we can meet: the choice made on this device, then the account's, then the browser's. */
export function pickLanguage(chosen: string | null, account: string | undefined, browser: readonly string[]): Language {
  const wishes = [chosen, account, ...browser].map((wish) => wish?.toLowerCase().split('-')[0])
  const met = wishes.find((wish): wish is Language => languages.includes(wish as Language))
  return met ?? 'en'
}
