import type { Schema } from '@/api'
import { fullAnswer, joinQuestion, splitQuestion } from '@/lib/question'

export const TYPES = [
  'grammar', 'vocabulary', 'reading', 'listening', 'writing', 'speaking', 'pronunciation', 'comprehension',
] as const satisfies readonly Schema<'MistakeType'>[]
export const STATUSES = ['pending', 'reviewing', 'mastered', 'ignored'] as const satisfies readonly Schema<'MistakeStatus'>[]
export const ANALYSIS_STATES = ['queued', 'running', 'done', 'failed'] as const satisfies readonly Schema<'AnalysisStatus'>[]
export const LEVELS = ['A1', 'A2', 'B1', 'B2', 'C1', 'C2'] as const

/** A mistake as a form holds it. */
export type MistakeValues = {
  stem: string
  options: string[]
  wrong_answer: string
  correct_answer: string
  type: Schema<'MistakeType'>
  explanation: string
  topic: string
  source: string
  difficulty_level: string
}

export const RULES = { stem: 'required', wrong_answer: 'required', correct_answer: 'required' } as const
/** The server calls the whole text the question. */
export const ALIASES = { question: 'stem' } as const

export function emptyValues(keep: Partial<MistakeValues> = {}): MistakeValues {
  return {
    stem: '', options: ['', '', '', ''], wrong_answer: '', correct_answer: '', type: 'grammar', explanation: '', topic: '',
    source: '', difficulty_level: '', ...keep,
  }
}

export function valuesOf(mistake: Schema<'Mistake'>): MistakeValues {
  const { stem, options } = splitQuestion(mistake.question)
  return {
    stem,
    options: options.length > 0 ? options : ['', '', '', ''],
    wrong_answer: mistake.wrong_answer,
    correct_answer: mistake.correct_answer ?? '',
    type: mistake.type,
    explanation: mistake.explanation ?? '',
    topic: mistake.topic ?? '',
    source: mistake.source ?? '',
    difficulty_level: mistake.difficulty_level ?? '',
  }
}

/** What the server is told of the form's values. */
export function toWire(values: MistakeValues) {
  return {
    question: joinQuestion(values),
    wrong_answer: fullAnswer(values.wrong_answer, values.options),
    correct_answer: fullAnswer(values.correct_answer, values.options),
    type: values.type,
    explanation: values.explanation.trim(),
    topic: values.topic.trim(),
    source: values.source.trim(),
    difficulty_level: values.difficulty_level,
  }
}

/** What of `mine` somebody else changed too, and to something else; and all fields, with theirs where mine are untouched. */
export function merge(mine: MistakeValues, base: MistakeValues, theirs: MistakeValues) {
  const changed = changesOf(mine, base) as Partial<ReturnType<typeof toWire>>
  const [before, now] = [toWire(base), toWire(theirs)]
  const names = Object.keys(changed) as (keyof typeof now)[]
  const clashing = names.filter((name) => now[name] !== before[name] && now[name] !== changed[name])
  const kept = Object.fromEntries(names.filter((name) => name !== 'question').map((name) => [name, mine[name]]))
  const question = 'question' in changed ? { stem: mine.stem, options: mine.options } : {}
  return { clashing, values: { ...theirs, ...kept, ...question } as MistakeValues }
}

/** Only what the form changed: an untouched question keeps its line breaks. */
export function changesOf(values: MistakeValues, before: MistakeValues): Schema<'MistakeChange'> {
  const now = toWire(values)
  const then = toWire(before)
  const names = (Object.keys(now) as (keyof typeof now)[]).filter((name) => now[name] !== then[name])
  return Object.fromEntries(names.map((name) => [name, now[name]])) as Schema<'MistakeChange'>
}
