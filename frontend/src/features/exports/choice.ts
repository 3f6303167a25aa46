import type { Schema } from '@/api'
import { toDay } from '@/lib/format'

/** What a book holds and looks like, as a form has it. */
export interface BookChoice {
  format: Schema<'Format'>
  statuses: Schema<'MistakeStatus'>[]
  mistake_types: Schema<'MistakeType'>[]
  knowledge_point_ids: string[]
  topic: string
  /** First and last day, YYYY-MM-DD, in either order; one may be empty. */
  period: [string, string] | null
  order: Schema<'Order'>
  answers: Schema<'Answers'>
  with_analysis: boolean
  with_similar: boolean
  with_redo_space: boolean
  font_size: Schema<'FontSize'>
  paper: Schema<'Paper'>
  locale: 'zh-CN' | 'en'
}

export const FORMATS = ['pdf', 'markdown'] as const
export const ORDERS = ['knowledge_point', 'date', 'frequency'] as const
export const ANSWERS = ['inline', 'apart', 'none'] as const
export const FONT_SIZES = ['small', 'medium', 'large'] as const
export const PAPERS = ['a4', 'b5'] as const

/** Fields of the options whose errors `BookFields` shows, by the names that the server has for them. */
export const BOOK_ALIASES = {
  'options.mistake_types': 'mistake_types', 'options.knowledge_point_ids': 'knowledge_point_ids', 'options.topic': 'topic',
  'options.from': 'from', 'options.until': 'until',
} as const
export const BOOK_PARTS = Object.values(BOOK_ALIASES)

/** Where a period begins of which only the end is chosen. */
const FIRST_DAY = '2000-01-01'
const KEY = 'ai-english.book-choice'

/** What is looked at least often changes least: look and order of the last book are taken over, filters are not. */
export function firstChoice(locale: 'zh-CN' | 'en'): BookChoice {
  const fresh: BookChoice = {
    format: 'pdf', statuses: ['pending', 'reviewing'], mistake_types: [], knowledge_point_ids: [], topic: '', period: null,
    order: 'knowledge_point', answers: 'inline', with_analysis: true, with_similar: true, with_redo_space: true,
    font_size: 'medium', paper: 'a4', locale,
  }
  const one = <T extends string>(known: readonly T[], value: unknown, otherwise: T) => known.find((name) => name === value) ?? otherwise
  const flag = (value: unknown, otherwise: boolean) => (typeof value === 'boolean' ? value : otherwise)
  try {
    const last = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>
    return {
      ...fresh,
      order: one(ORDERS, last.order, fresh.order),
      answers: one(ANSWERS, last.answers, fresh.answers),
      with_analysis: flag(last.with_analysis, true),
      with_similar: flag(last.with_similar, true),
      with_redo_space: flag(last.with_redo_space, true),
      font_size: one(FONT_SIZES, last.font_size, fresh.font_size),
      paper: one(PAPERS, last.paper, fresh.paper),
    }
  } catch {
    return fresh
  }
}

export function keepChoice({ order, answers, with_analysis, with_similar, with_redo_space, font_size, paper }: BookChoice): void {
  localStorage.setItem(KEY, JSON.stringify({ order, answers, with_analysis, with_similar, with_redo_space, font_size, paper }))
}

/** The first moment of a day here, and the last one. */
export function startOf(day: string): string {
  return new Date(`${day}T00:00:00`).toISOString()
}
export function endOf(day: string): string {
  return new Date(`${day}T23:59:59.999`).toISOString()
}
/** Two days, the earlier one first, unless one is missing. */
export function inOrder(one: string, other: string): [string, string] {
  return one && other && one > other ? [other, one] : [one, other]
}

export function optionsOf(choice: BookChoice): Schema<'BookOptions'> {
  const { period, topic } = choice
  const days = period && inOrder(period[0] || FIRST_DAY, period[1] || toDay(new Date()))
  return {
    statuses: choice.statuses,
    mistake_types: choice.mistake_types,
    knowledge_point_ids: choice.knowledge_point_ids,
    order: choice.order,
    answers: choice.answers,
    with_analysis: choice.with_analysis,
    with_similar: choice.with_similar,
    with_redo_space: choice.with_redo_space,
    font_size: choice.font_size,
    paper: choice.paper,
    locale: choice.locale,
    topic: topic.trim() || null,
    from: days ? startOf(days[0]) : null,
    until: days ? endOf(days[1]) : null,
  }
}
