import { useI18n } from 'vue-i18n'
import { asProblem, isAborted, type FieldProblem, type Problem } from '@/api/problem'
import { useUndo } from './useUndo'

/** Words for problems: by their code in the user's language, else what the server said. */
export function useProblemText() {
  const { t, te } = useI18n()
  return (thrown: unknown): string => {
    const problem: Problem = asProblem(thrown)
    const key = `common.problem.${problem.code}`
    if (te(key, 'zh-CN')) return t(key)
    return problem.detail || t(problem.status >= 500 ? 'common.problem.SERVICE_UNAVAILABLE' : 'common.problem.UNEXPECTED')
  }
}

/** Words for what is wrong with one field; it is shown at the field, so that its name is left out. */
export function useFieldText() {
  const { t, te } = useI18n()
  return (error: FieldProblem): string => {
    const key = `common.field.${error.code}`
    return te(key, 'zh-CN') ? t(key) : error.detail
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
