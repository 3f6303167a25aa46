import { describe, expect, it } from 'vitest'
import type { Schema } from '@/api'
import { halves, sorted } from './figures'

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

describe('halves', () => {
  it('splits many rows on wide pages only', () => {
    const many = Array.from({ length: 25 }, (_, n) => n)
    expect(halves(many, true).map((half) => half.length)).toEqual([13, 12])
    expect(halves(many, false)).toHaveLength(1)
    expect(halves([1, 2], true)).toHaveLength(1)
  })
})
