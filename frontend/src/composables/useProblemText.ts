import { useI18n } from 'vue-i18n'
import { asProblem, isAborted, type FieldProblem, type Problem } from '@/api/problem'
import { useFormat } from './useFormat'
import { useUndo } from './useUndo'

/** Words for problems: by their code in the user's language, else what the server said. */
export function useProblemText() {
  const { t, te } = useI18n()
  return (thrown: unknown): string => {
    const problem: Problem = asProblem(thrown)
    const key = `common.problem.${problem.code}`
    if (te(key)) return t(key)
    return problem.detail || t(problem.status >= 500 ? 'common.problem.SERVICE_UNAVAILABLE' : 'common.problem.UNEXPECTED')
  }
}

/** Words for what is wrong with one field; it is shown at the field, so that its name is left out. */
export function useFieldText() {
  const { t, te, locale } = useI18n()
  const { names } = useFormat()
  return ({ code, detail }: FieldProblem): string => {
    const key = `common.field.${code}`
    if (!te(key)) return detail
    // Of a file the server names columns in both languages, as in 学号 (Student No.), and says how much it may hold.
    const columns = [...detail.matchAll(/(?:column|means) (\S+) \(([^)]+)\)/g)].map(([, zh = '', en = '']) => (locale.value === 'en' ? en : zh))
    return t(key, { names: names(columns), most: /\d+/.exec(detail)?.[0] ?? '' })
  }
}

/** `report(error)` says in a toast why an action did not work; what the caller broke off itself is passed over. */
export function useProblemToast() {
  const text = useProblemText()
  const fieldText = useFieldText()
  const { say } = useUndo()
  return {
    report(thrown: unknown): void {
      if (isAborted(thrown)) return
      // No form is there to mark its fields.
      const fields = asProblem(thrown).errors.map((error) => `${error.field}: ${fieldText(error)}`)
      say([text(thrown), ...fields].join(' '), { kind: 'problem' })
    },
  }
}
