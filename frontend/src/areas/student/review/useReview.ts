import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { api, asProblem, call, type Problem, type Schema } from '@/api'
import { useComeback } from '@/composables/useComeback'
import { uuid } from '@/lib/ids'
import { keepDraft } from './drafts'

type Given = { answer: string } | { rating: Schema<'Rating'> }
const LONGEST_MS = 3_600_000
/** Somebody else changed or took away the question meanwhile. */
const GONE = ['MISTAKE_NOT_FOUND', 'MISTAKE_IGNORED', 'REVIEW_ID_REUSED']

/**
 * Today's reviews, one after the other. All progress is the server's: breaking off costs nothing, and another device goes
 * on where this one stopped. An answer that got lost on the way is sent again under the same id and counts once.
 */
export function useReview() {
  const due = shallowRef<Schema<'DueReviews'>>()
  const queue = shallowRef<Schema<'Mistake'>[]>([])
  const result = shallowRef<Schema<'Reviewed'>>()
  const given = shallowRef<Given>()
  const error = shallowRef<Problem>()
  const problem = shallowRef<Problem>()
  const loading = ref(true)
  const busy = ref(false)
  /** Answers of this sitting. */
  const sitting = ref({ answered: 0, correct: 0 })
  /** Grows with every answer and every load: what was asked for before says nothing about what is on the screen now. */
  let turn = 0
  let id = uuid()
  let began = Date.now()

  const current = computed(() => queue.value[0])
  /** Of what the server planned for today. */
  const progress = computed(() => {
    const total = due.value?.planned_today ?? 0
    const left = result.value?.remaining_today ?? due.value?.due_today ?? 0
    return { done: Math.max(0, total - left), total }
  })

  function begin(): void {
    result.value = undefined
    given.value = undefined
    problem.value = undefined
    id = uuid()
    began = Date.now()
  }

  async function load(): Promise<void> {
    loading.value = true
    const mine = ++turn
    const before = current.value?.id
    try {
      const found = await call(api.GET('/api/v1/reviews/due', { params: { query: { limit: 20 } } }))
      if (mine !== turn) return
      due.value = found
      // The question on the screen stays, as long as it is still due.
      const items = due.value.items
      const same = items.find((item) => item.id === before)
      queue.value = same ? [same, ...items.filter((item) => item !== same)] : items
      error.value = undefined
      if (!same) begin()
    } catch (thrown) {
      if (mine === turn) error.value = asProblem(thrown)
    } finally {
      loading.value = false
    }
  }

  async function answer(what: Given): Promise<void> {
    const mistake = current.value
    if (!mistake || busy.value || result.value) return
    busy.value = true
    turn += 1
    problem.value = undefined
    given.value = what
    try {
      const body = { id, duration_ms: Math.min(Date.now() - began, LONGEST_MS), ...what }
      const params = { path: { mistake_id: mistake.id } }
      const reviewed = await call(api.POST('/api/v1/reviews/{mistake_id}/answers', { params, body }))
      keepDraft(mistake.id, '')
      result.value = reviewed
      sitting.value = {
        answered: sitting.value.answered + 1,
        correct: sitting.value.correct + (reviewed.correct ? 1 : 0),
      }
    } catch (thrown) {
      const why = asProblem(thrown)
      if (GONE.includes(why.code)) {
        queue.value = queue.value.slice(1)
        begin()
        await load()
      }
      problem.value = why
    } finally {
      busy.value = false
    }
  }

  async function next(): Promise<void> {
    queue.value = queue.value.slice(1)
    begin()
    await load()
  }

  /** Looks for news, unless an answer is on its way or its explanation is being read. */
  async function refresh(): Promise<void> {
    if (!result.value && !busy.value) await load()
  }
  function seen(): void {
    if (document.visibilityState === 'visible') void refresh()
  }
  document.addEventListener('visibilitychange', seen)
  useComeback(error, refresh)
  onScopeDispose(() => document.removeEventListener('visibilitychange', seen))
  void load()
  return { due, current, result, given, error, problem, loading, busy, sitting, progress, refresh, answer, next }
}
