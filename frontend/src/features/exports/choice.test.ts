import { beforeEach, describe, expect, it } from 'vitest'
import { toDay } from '@/lib/format'
import { endOf, firstChoice, keepChoice, optionsOf, startOf } from './choice'

describe('what a book holds', () => {
  beforeEach(() => localStorage.clear())

  it('asks for whole days', () => {
    const options = optionsOf({ ...firstChoice('zh-CN'), period: ['2026-11-01', '2026-11-24'], topic: ' 时态 ' })
    expect(options.from).toBe(new Date(2026, 10, 1).toISOString())
    expect(options.until).toBe(new Date(2026, 10, 24, 23, 59, 59, 999).toISOString())
    expect(options.topic).toBe('时态')
    expect(options).not.toHaveProperty('format')
    expect(options).not.toHaveProperty('period')
  })
  it('puts the days of a period into order, and fills in the one that is missing', () => {
    const between = (period: [string, string]) => {
      const { from, until } = optionsOf({ ...firstChoice('en'), period })
      return [from, until]
    }
    expect(between(['2026-11-24', '2026-11-01'])).toEqual([startOf('2026-11-01'), endOf('2026-11-24')])
    expect(between(['', '2026-11-24'])).toEqual([startOf('2000-01-01'), endOf('2026-11-24')])
    expect(between(['2026-11-24', ''])).toEqual([startOf('2026-11-24'), endOf(toDay(new Date()))])
  })
  it('keeps the look of the last book, not its filters', () => {
    keepChoice({ ...firstChoice('zh-CN'), paper: 'b5', with_similar: false, statuses: ['mastered'], topic: 'x' })
    const next = firstChoice('en')
    expect(next).toMatchObject({ paper: 'b5', with_similar: false, statuses: ['pending', 'reviewing'], topic: '', locale: 'en' })
  })
  it('takes no word that it does not know', () => {
    localStorage.setItem('ai-english.book-choice', '{"paper":"a0","with_similar":"yes"}')
    expect(firstChoice('zh-CN')).toMatchObject({ paper: 'a4', with_similar: true })
    localStorage.setItem('ai-english.book-choice', 'rubbish')
    expect(firstChoice('zh-CN').paper).toBe('a4')
  })
})
