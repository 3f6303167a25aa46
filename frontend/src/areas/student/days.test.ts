import { describe, expect, it } from 'vitest'
import { dayAfter, daysUntil, dueWords } from './days'

const now = new Date(2026, 10, 24, 21, 30)
const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).toISOString()

describe('days', () => {
  it('goes over the ends of months', () => {
    expect(dayAfter(-24, now)).toBe('2026-10-31')
    expect(dayAfter(7, now)).toBe('2026-12-01')
  })
  it('counts days of the calendar, not of 24 hours', () => {
    expect(daysUntil(at(25, 0, 10), now)).toBe(1)
    expect(daysUntil(at(24, 23, 59), now)).toBe(0)
  })
  it('says when a mistake comes again', () => {
    expect(dueWords(at(24, 21), now)).toEqual({ key: 'now', count: 0 })
    expect(dueWords(at(24, 21, 40), now)).toEqual({ key: 'minutes', count: 10 })
    expect(dueWords(at(25, 8), now)).toEqual({ key: 'tomorrow', count: 1 })
    expect(dueWords(at(27, 8), now)).toEqual({ key: 'days', count: 3 })
  })
})
