// Compiles the catalogues for tools that do not run Vite, such as svelte-check.
import { compile } from '@inlang/paraglide-js'
import { paraglide } from '../paraglide.options.js'

await compile(paraglide)
