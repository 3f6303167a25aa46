import type { Schema } from '@/api'

export interface Facts {
  due: Schema<'DueReviews'>
  statistics: Schema<'StudentStatistics'>
}

/** What can truly be said to a pupil today: a key of `student.encouragement` and its number. The first that fits. */
export function encouragement({ due, statistics }: Facts): { key: string; count: number } {
  const { figures, streak_days, longest_streak_days } = statistics
  if (figures.mistakes === 0) return { key: 'begin', count: 0 }
  if (due.due_today === 0 && due.done_today > 0) return { key: 'allDone', count: due.done_today }
  if (due.done_today > 0) return { key: 'underWay', count: due.done_today }
  if (streak_days > 1 && streak_days === longest_streak_days) return { key: 'best', count: streak_days }
  if (streak_days > 1) return { key: 'streak', count: streak_days }
  if (figures.mastered > 0) return { key: 'mastered', count: figures.mastered }
  return due.due_today > 0 ? { key: 'start', count: due.due_today } : { key: 'rest', count: 0 }
}
