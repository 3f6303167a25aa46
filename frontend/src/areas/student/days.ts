import { toDay } from '@/lib/format'

const DAY = 86_400_000

/** The day `days` days after `from`, as the API writes days. */
export function dayAfter(days: number, from: Date = new Date()): string {
  return toDay(new Date(from.getFullYear(), from.getMonth(), from.getDate() + days))
}

/** How many days of the calendar lie between now and a moment: 0 today, 1 tomorrow. */
export function daysUntil(moment: string, now: Date = new Date()): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((day(new Date(moment)) - day(now)) / DAY)
}

/** A key of `student.due` and its number: when a mistake comes again. */
export function dueWords(moment: string, now: Date = new Date()): { key: string; count: number } {
  const days = daysUntil(moment, now)
  if (days > 1) return { key: 'days', count: days }
  if (days === 1) return { key: 'tomorrow', count: 1 }
  const minutes = Math.ceil((new Date(moment).getTime() - now.getTime()) / 60_000)
  if (minutes <= 0) return { key: 'now', count: 0 }
  return minutes < 60 ? { key: 'minutes', count: minutes } : { key: 'hours', count: Math.round(minutes / 60) }
}
