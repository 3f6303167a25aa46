import type { Schema } from '@/api'

type Row = Schema<'StudentFigures'>
export type SortKey = 'name' | 'no' | 'mistakes' | 'mastered' | 'due' | 'week' | 'last'

export const SORT_KEYS = ['no', 'name', 'mistakes', 'mastered', 'due', 'week', 'last'] as const satisfies readonly SortKey[]

const VALUE: Record<SortKey, (row: Row) => string | number> = {
  name: (row) => row.student.full_name,
  no: (row) => row.student.student_no ?? '',
  mistakes: (row) => row.mistakes,
  mastered: (row) => row.mastered,
  due: (row) => row.due,
  week: (row) => row.reviews_this_week,
  last: (row) => row.last_active_at ?? '',
}

/** Names and numbers from the front, figures from the largest; `turned` the other way round. Equal ones stand by number. */
export function sorted(rows: Row[], key: SortKey, turned: boolean, locale: string): Row[] {
  const collator = new Intl.Collator(locale, { numeric: true })
  const compare = (a: string | number, b: string | number) =>
    typeof a === 'number' && typeof b === 'number' ? b - a : collator.compare(String(a), String(b))
  const latestFirst = key === 'last' ? -1 : 1
  const way = turned ? -1 : 1
  return [...rows].sort(
    (a, b) => way * latestFirst * compare(VALUE[key](a), VALUE[key](b)) || collator.compare(a.student.student_no ?? '', b.student.student_no ?? ''),
  )
}

/** Two halves to stand side by side when there are many and the page is wide, so that a class fits on a screen. */
export function halves<T>(rows: T[], wide: boolean): T[][] {
  if (!wide || rows.length <= 12) return [rows]
  const half = Math.ceil(rows.length / 2)
  return [rows.slice(0, half), rows.slice(half)]
}
