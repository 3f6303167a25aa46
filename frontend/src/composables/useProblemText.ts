import { useI18n } from 'vue-i18n'
import { asProblem, isAborted, type Problem } from '@/api/problem'
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

/** `report(error)` says in a toast why an action did not work; what the caller broke off itself is passed over. */
export function useProblemToast() {
  const text = useProblemText()
  const { say } = useUndo()
  return {
    report(thrown: unknown): void {
      if (!isAborted(thrown)) say(text(thrown), { kind: 'problem' })
    },
  }
}
