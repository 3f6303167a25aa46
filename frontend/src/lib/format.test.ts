import { describe, expect, it } from 'vitest'
import { formatBytes, formatDate, formatNames, formatNumber, formatPercent, formatRelative, toDay } from './format'

const now = Date.UTC(2026, 10, 24, 12)

describe('format', () => {
  it('writes figures and shares in both languages', () => {
    expect(formatNumber(12345.67, 'zh-CN')).toBe('12,346')
    expect(formatPercent(0.4235, 'en')).toBe('42%')
    expect(formatPercent(null, 'zh-CN')).toBe('–')
  })
  it('takes a day without time as that day', () => {
    expect(formatDate('2026-11-24', 'zh-CN')).toBe('2026年11月24日')
    expect(formatDate('2026-11-24', 'en')).toBe('Nov 24, 2026')
    expect(formatDate(null, 'en')).toBe('–')
    expect(formatDate('rubbish', 'en')).toBe('–')
  })
  it('says how long ago', () => {
    expect(formatRelative(now - 180_000, 'zh-CN', now)).toBe('3分钟前')
    expect(formatRelative(now + 2 * 86_400_000, 'en', now)).toBe('in 2 days')
    expect(formatRelative(now - 86_400_000, 'zh-CN', now)).toBe('昨天')
    expect(formatRelative(now - 180_000, 'en', now, 'narrow')).toBe('3m ago')
    expect(formatRelative('2026-01-01', 'en', now)).toBe('Jan 1, 2026')
  })
  it('writes sizes', () => {
    expect(formatBytes(10 * 1_024 * 1_024, 'en')).toBe('10 MB')
    expect(formatBytes(0, 'en')).toBe('0 B')
  })
  it('gives days of this zone', () => {
    expect(toDay(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05')
  })
  it('lists names as the language does', () => {
    expect(formatNames(['学号', '姓名'], 'zh-CN')).toBe('学号和姓名')
    expect(formatNames(['Number', 'Name'], 'en')).toBe('Number and Name')
  })
})
