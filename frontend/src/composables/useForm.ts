import { computed, nextTick, reactive, ref, shallowRef, type UnwrapNestedRefs } from 'vue'
import { useI18n } from 'vue-i18n'
import { asProblem, Problem } from '@/api/problem'
import { useFieldText, useProblemText } from './useProblemText'

type Rule<T, V> = 'required' | ((value: V, values: T) => string | undefined)
/** What is checked before sending: `'required'`, or why a value is wrong. */
export type Rules<T> = { [K in keyof T]?: Rule<T, T[K]> }

/**
 * A form: `values`, `errors` by field (own rules first, then what the server said of the field), `problem` for what
 * belongs to no field, `busy`. `submit(send)` checks, sends and moves the focus to the first wrong field; resolves to
 * true when it went through. `aliases` maps the server's field names onto the form's, `fieldOfCode` problems as a whole;
 * `parts` are fields inside of a value, as of `options`, whose errors the form shows too.
 */
export function useForm<T extends Record<string, unknown>>(
  initial: T,
  rules: Rules<T> = {},
  options: { aliases?: Record<string, string>; fieldOfCode?: Record<string, keyof T & string>; parts?: readonly string[] } = {},
) {
  const { t } = useI18n()
  const fieldText = useFieldText()
  const problemText = useProblemText()
  const values = reactive({ ...initial }) as UnwrapNestedRefs<T>
  const local = ref<Partial<Record<keyof T, string>>>({})
  const problem = shallowRef<Problem>()
  const busy = ref(false)

  const shown = new Set([...Object.keys(initial), ...(options.parts ?? [])])
  /** The field of the form that shows what the server says of one of its own: `student_ids[3]` belongs to `student_ids`. */
  function fieldOf(name: string): string | undefined {
    const whole = name.replace(/\[\d+\].*$/, '')
    return [options.aliases?.[name], options.aliases?.[whole], name, whole].find((field) => field !== undefined && shown.has(field))
  }
  const fromServer = computed(() => {
    const found: Record<string, string> = {}
    for (const error of problem.value?.errors ?? []) {
      const field = fieldOf(error.field)
      if (field !== undefined) found[field] ??= fieldText(error)
    }
    const byCode = options.fieldOfCode?.[problem.value?.code ?? '']
    if (byCode !== undefined && problem.value) found[byCode] = problemText(problem.value)
    return found
  })
  const errors = computed<Partial<Record<string, string>>>(() => ({ ...fromServer.value, ...local.value }))
  /** What no field shows: the problem as a whole, or those of its fields that the form does not have. */
  const rest = computed(() => {
    const whole = problem.value
    if (whole === undefined || Object.keys(fromServer.value).length === 0) return whole
    const others = whole.errors.filter((error) => fieldOf(error.field) === undefined)
    return others.length > 0 ? new Problem(whole.status, whole.code, whole.detail, others, whole.requestId) : undefined
  })

  const required = (value: unknown): string | undefined =>
    value === undefined || value === null || String(value).trim() === '' ? t('common.field.required') : undefined

  function check(): boolean {
    const found: Partial<Record<keyof T, string>> = {}
    for (const name of Object.keys(rules) as (keyof T)[]) {
      const rule = rules[name]
      const value = (values as T)[name]
      const wrong = rule === 'required' ? required(value) : rule?.(value, values as T)
      if (wrong) found[name] = wrong
    }
    local.value = found
    return Object.keys(found).length === 0
  }

  async function focusWrong(form?: HTMLElement | null): Promise<void> {
    await nextTick()
    const root = form ?? document
    root.querySelector<HTMLElement>('.is-error input, .is-error textarea, [aria-invalid="true"]')?.focus()
  }

  async function submit(send: (values: T) => Promise<unknown>, form?: HTMLElement | null): Promise<boolean> {
    if (busy.value) return false
    problem.value = undefined
    if (!check()) {
      await focusWrong(form)
      return false
    }
    busy.value = true
    try {
      await send({ ...values } as T)
      return true
    } catch (error) {
      problem.value = asProblem(error)
      await focusWrong(form)
      return false
    } finally {
      busy.value = false
    }
  }

  /** Forgets what was wrong, as when a dialog opens anew. */
  function clear(): void {
    problem.value = undefined
    local.value = {}
  }

  return { values, errors, problem: rest, busy, check, submit, clear, set: (next: Partial<T>) => Object.assign(values, next) }
}
