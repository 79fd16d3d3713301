// One place for how messages/*.json become functions: Vite, Vitest and the type check all use it.
export const paraglide = {
  project: './project.inlang',
  outdir: './src/i18n/paraglide',
  // src/i18n/locale.svelte.ts decides the language; nothing is read from cookies or the address.
  strategy: /** @type {['baseLocale']} */ (['baseLocale']),
  emitReadme: false,
  emitPrettierIgnore: false,
}
