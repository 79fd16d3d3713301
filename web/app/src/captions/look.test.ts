import { expect, it } from 'vitest'
import { type Look, sane, styleOf, USUAL } from './look'

it('takes what makes sense of what was kept, and nothing else', () => {
  expect(sane({ size: 200, family: 'mono', ink: '#00ff7f' })).toEqual({ ...USUAL, size: 200, family: 'mono', ink: '#00ff7f' })
  const bad = { size: 9000, family: 'comic', lines: 0, ink: 'red', ground: '#FFF', opacity: 12.5, edge: 'glow', spacing: '150', width: 0, position: 'left', aloud: 1, more: 1 }
  for (const [field, value] of Object.entries(bad)) expect(sane({ [field]: value }), field).toEqual(USUAL)
  expect(sane({ family: 'toString' })).toEqual(USUAL)
})

it('becomes CSS', () => {
  const look: Look = { ...USUAL, size: 300, ink: '#ffff00', opacity: 60, edge: 'shadow', family: 'dyslexic' }
  for (const part of ['--caption-size:3rem', '--caption-ink:#ffff00', '--caption-ground:var(--surface)', '--caption-opacity:60%', 'font-family:OpenDyslexic,', 'text-shadow:0.08em'])
    expect(styleOf(look)).toContain(part)
})
