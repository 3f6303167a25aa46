import type { Schema } from '@/api'
import { endOf, inOrder, startOf } from '@/features/exports/choice'

/** Filters of the list as they stand in the URL. */
export const NO_FILTERS = {
  query: '', class_id: '', student_id: '', statuses: [] as string[], types: [] as string[], topic: '', knowledge_point_id: '',
  from: '', until: '', analysis_status: '', order: 'latest', deleted: false,
}
export type MistakeFilters = typeof NO_FILTERS

export const ORDERS = ['latest', 'oldest', 'most_frequent'] as const satisfies readonly Schema<'MistakeOrder'>[]

const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text)

/** What the API is asked; words of the URL that it does not know are refused by it and shown as such. */
export function toQuery(filters: MistakeFilters) {
  const [from, until] = inOrder(filters.from, filters.until)
  return {
    query: filters.query.trim() || undefined,
    class_id: filters.class_id || undefined,
    student_id: filters.student_id || undefined,
    statuses: filters.statuses.length > 0 ? (filters.statuses as Schema<'MistakeStatus'>[]) : undefined,
    types: filters.types.length > 0 ? (filters.types as Schema<'MistakeType'>[]) : undefined,
    topic: filters.topic.trim() || undefined,
    knowledge_point_id: filters.knowledge_point_id || undefined,
    from: isDay(from) ? startOf(from) : undefined,
    until: isDay(until) ? endOf(until) : undefined,
    analysis_status: (filters.analysis_status || undefined) as Schema<'AnalysisStatus'> | undefined,
    order: filters.order === 'latest' ? undefined : (filters.order as Schema<'MistakeOrder'>),
    deleted: filters.deleted || undefined,
  }
}
