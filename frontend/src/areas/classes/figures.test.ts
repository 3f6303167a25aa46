import { describe, expect, it } from 'vitest'
import type { Schema } from '@/api'
import { columns, parts, sorted } from './figures'

function row(full_name: string, student_no: string, mistakes: number, last_active_at: string | null): Schema<'StudentFigures'> {
  return { student: { full_name, student_no }, mistakes, mastered: 0, due: 0, last_active_at } as Schema<'StudentFigures'>
}
const rows = [row('王', '10', 3, null), row('李', '9', 7, '2026-11-20T00:00:00Z'), row('张', '11', 3, '2026-11-22T00:00:00Z')]
const names = (list: Schema<'StudentFigures'>[]) => list.map(({ student }) => student.full_name).join('')

describe('sorted', () => {
  it('puts the largest figure first and equal ones by number', () => {
    expect(names(sorted(rows, 'mistakes', false, 'zh-CN'))).toBe('李王张')
    expect(names(sorted(rows, 'mistakes', true, 'zh-CN'))).toBe('王张李')
  })
  it('reads numbers as numbers and Chinese names by sound', () => {
    expect(names(sorted(rows, 'no', false, 'zh-CN'))).toBe('李王张')
    expect(names(sorted(rows, 'name', false, 'zh-CN'))).toBe('李王张')
  })
  it('puts who was active last first and who never was last', () => {
    expect(names(sorted(rows, 'last', false, 'zh-CN'))).toBe('张李王')
  })
})

describe('parts', () => {
  it('stand side by side on wide pages only, more of a larger class', () => {
    const lengths = (count: number, wide = true) => parts(Array.from({ length: count }, (_, n) => n), wide).map((part) => part.length)
    expect(lengths(12)).toEqual([12])
    expect(lengths(25)).toEqual([13, 12])
    expect(lengths(50)).toEqual([17, 17, 16])
    expect(lengths(50, false)).toEqual([50])
    expect(parts([...'abcdefghijklm'], true)).toEqual([[...'abcdefg'], [...'hijklm']])
  })
})

describe('columns', () => {
  it('are fewer where it is tight, with that of the order among them', () => {
    expect(columns('no', false)).toHaveLength(7)
    expect(columns('due', true)).toEqual(['no', 'name', 'mistakes', 'mastered', 'due'])
    expect(columns('last', true)).toEqual(['name', 'mistakes', 'mastered', 'due', 'last'])
  })
})
