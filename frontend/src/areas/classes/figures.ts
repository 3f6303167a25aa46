import type { Schema } from '@/api'

type Row = Schema<'StudentFigures'>
export type SortKey = 'name' | 'no' | 'mistakes' | 'mastered' | 'due' | 'week' | 'last'

export const SORT_KEYS = ['no', 'name', 'mistakes', 'mastered', 'due', 'week', 'last'] as const satisfies readonly SortKey[]

/** Those that are looked at from the largest. */
export const isFigure = (key: SortKey): boolean => key !== 'no' && key !== 'name'

/** Columns of a table: where there is little room, the figures that matter most, and the number or what the rows are ordered by. */
export function columns(sort: SortKey, tight: boolean): readonly SortKey[] {
  if (!tight) return SORT_KEYS
  return sort === 'week' || sort === 'last' ? ['name', 'mistakes', 'mastered', 'due', sort] : ['no', 'name', 'mistakes', 'mastered', 'due']
}

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

/** Parts to stand side by side on a wide page, so that a class fits on a screen: two of a usual class, three of a large one. */
export function parts<T>(rows: T[], wide: boolean): T[][] {
  const count = !wide || rows.length <= 12 ? 1 : rows.length <= 36 ? 2 : 3
  const size = Math.ceil(rows.length / count)
  return Array.from({ length: count }, (_, place) => rows.slice(place * size, (place + 1) * size))
}
