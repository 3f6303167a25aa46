import { describe, expect, it } from 'vitest'
import type { Schema } from '@/api'
import { applied, levelled, pieces } from './marks'

function edit(start: number, end: number, replacement: string): Schema<'Edit'> {
  return {
    start, end, replacement, original: '', error_type: null, error_type_zh: null, explanation_en: null, explanation_zh: null,
    knowledge_point_id: null,
  }
}

describe('marks in a text', () => {
  const text = '😀 He go home.'
  const edits = [edit(5, 7, 'went'), edit(12, 12, ' then')]

  it('counts whole characters, also beyond the basic plane', () => {
    expect(pieces(text, edits)).toEqual([
      { text: '😀 He ' }, { text: 'go', edit: 0 }, { text: ' home' }, { text: '', edit: 1 }, { text: '.' },
    ])
  })
  it('puts in only what was applied', () => {
    expect(applied(text, edits, ['applied', 'open'])).toBe('😀 He went home.')
    expect(applied(text, edits, ['ignored', 'applied'])).toBe('😀 He go home then.')
    expect(applied(text, edits, ['open', 'open'])).toBe(text)
  })
  it('passes over what overlaps', () => {
    expect(pieces('abcd', [edit(0, 3, 'x'), edit(2, 4, 'y')])).toEqual([{ text: 'abc', edit: 0 }, { text: 'd' }])
  })
  it('levels words and keeps what is between them', () => {
    const words = [{ start: 2, end: 4, level: 'A1' }, { start: 5, end: 7, level: 'A2' }]
    expect(levelled(text, words)).toEqual([
      { text: '😀 ' }, { text: 'He', level: 'A1' }, { text: ' ' }, { text: 'go', level: 'A2' }, { text: ' home.' },
    ])
  })
})
