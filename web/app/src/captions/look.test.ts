import { expect, it } from 'vitest'
import { kept, USUAL } from './look.svelte'

it('takes what was kept, and nothing that makes no sense', () => {
  expect(kept('{"size":200,"family":"mono"}')).toMatchObject({ size: 200, family: 'mono', lines: USUAL.lines })
  for (const bad of [null, 'x', '{"size":9000}', '{"family":"comic"}', '{"lines":0}', '{"colours":"none"}']) expect(kept(bad)).toEqual(USUAL)
})
