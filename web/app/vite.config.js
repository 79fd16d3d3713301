import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { paraglide } from './paraglide.options.js'

const server = process.env.SALON_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  // Under Vitest the catalogues are compiled beforehand: the plugin would keep the test run from ending.
  plugins: [!process.env.VITEST && paraglideVitePlugin(paraglide), svelte()],
  build: {
    manifest: true,
    assetsInlineLimit: 0, // data: URLs would need a wider content security policy
    modulePreload: false, // the lists of what to preload would weigh more than they save
    chunkSizeWarningLimit: 700, // livekit-client is one piece, loaded on Join only
  },
  server: { proxy: { '/api': server, '/rtc': { target: server, ws: true } } },
  test: { include: ['src/**/*.test.ts', 'scripts/*.test.mjs'] },
})
