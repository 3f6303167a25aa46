import { computed, nextTick, reactive, ref, shallowRef, type UnwrapNestedRefs } from 'vue'
import { useI18n } from 'vue-i18n'
import { asProblem, type FieldProblem, type Problem } from '@/api/problem'

type Rule<T, V> = 'required' | ((value: V, values: T) => string | undefined)
/** What is checked before sending: `'required'`, or why a value is wrong. */
export type Rules<T> = { [K in keyof T]?: Rule<T, T[K]> }

/** Finds the problem of a field; `mistakes[3].question` belongs to `question` only where `prefix` says so. */
export function problemOf(errors: FieldProblem[], field: string, prefix = ''): FieldProblem | undefined {
  return errors.find((error) => error.field === prefix + field)
}

/**
 * A form: `values`, `errors` by field (own rules first, then what the server said of the field), `problem` for what
 * belongs to no field, `busy`. `submit(send)` checks, sends and moves the focus to the first wrong field; resolves to
 * true when it went through. `aliases` maps the server's field names onto the form's.
 */
export function useForm<T extends Record<string, unknown>>(
  initial: T,
  rules: Rules<T> = {},
  options: { aliases?: Record<string, keyof T & string>; fieldOfCode?: Record<string, keyof T & string> } = {},
) {
  const { t, te } = useI18n()
  const values = reactive({ ...initial }) as UnwrapNestedRefs<T>
  const local = ref<Partial<Record<keyof T, string>>>({})
  const problem = shallowRef<Problem>()
  const busy = ref(false)

  const wordsOf = (error: FieldProblem): string => {
    const key = `common.field.${error.code}`
    return te(key, 'zh-CN') ? t(key) : error.detail
  }
  const fromServer = computed(() => {
    const found: Partial<Record<keyof T, string>> = {}
    for (const error of problem.value?.errors ?? []) {
      const name = options.aliases?.[error.field] ?? error.field
      if (name in initial) found[name as keyof T] ??= wordsOf(error)
    }
    const byCode = options.fieldOfCode?.[problem.value?.code ?? '']
    if (byCode && problem.value) {
      const key = `common.problem.${problem.value.code}`
      found[byCode] ??= te(key, 'zh-CN') ? t(key) : problem.value.detail
    }
    return found
  })
  const errors = computed(() => ({ ...fromServer.value, ...local.value }))
  /** The problem that no field shows. */
  const rest = computed(() => (Object.keys(fromServer.value).length > 0 ? undefined : problem.value))

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
