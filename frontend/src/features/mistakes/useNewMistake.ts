import { ref } from 'vue'
import { api, call, idempotent, type Schema } from '@/api'
import { useForm, type Rules } from '@/composables/useForm'
import { uuid } from '@/lib/ids'
import { ALIASES, emptyValues, RULES, toWire, type MistakeValues } from './values'

export type NewMistakeValues = MistakeValues & {
  /** Empty for pupils, who record their own. */
  student_id: string
}

const WRITTEN = ['stem', 'options', 'wrong_answer', 'correct_answer', 'explanation', 'topic', 'source'] as const

/**
 * The form of a new mistake. A try that failed is sent again under the same key as long as nothing was changed, so that a
 * lost answer never records it twice.
 */
export function useNewMistake(options: { pupil?: string; needsPupil?: boolean } = {}) {
  const rules: Rules<NewMistakeValues> = options.needsPupil ? { ...RULES, student_id: 'required' } : RULES
  const begin = (keep: Partial<NewMistakeValues> = {}): NewMistakeValues => ({
    ...emptyValues(keep), student_id: keep.student_id ?? options.pupil ?? '',
  })
  let first = begin()
  const form = useForm(begin(), rules, { aliases: ALIASES })
  const last = ref({ key: uuid(), body: '' })

  async function record(root?: HTMLElement | null): Promise<Schema<'RecordedMistake'> | undefined> {
    let recorded: Schema<'RecordedMistake'> | undefined
    await form.submit(async (values) => {
      const body = { ...toWire(values), ...(values.student_id ? { student_id: values.student_id } : {}) }
      const written = JSON.stringify(body)
      if (last.value.body !== written) last.value = { key: uuid(), body: written }
      recorded = await call(api.POST('/api/v1/mistakes', { params: { header: idempotent(last.value.key) }, body }))
      last.value = { key: uuid(), body: '' }
    }, root)
    return recorded
  }

  function reset(keep: Partial<NewMistakeValues> = {}): void {
    first = begin(keep)
    // A copy: the form writes into its list of options.
    form.set({ ...first, options: [...first.options] })
  }
  /** Whether anything was written that would be lost. */
  const touched = (): boolean => WRITTEN.some((name) => String(form.values[name]) !== String(first[name]))

  return { form, record, reset, touched }
}
