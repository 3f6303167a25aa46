import { onScopeDispose, watch, type Ref } from 'vue'
import type { Problem } from '@/api/problem'
import { reachability } from '@/api/reachability'
import { backOff } from '@/lib/backOff'

const FIRST_WAIT = 3_000

/**
 * Reads again by itself what failed for a passing reason: as soon as a server that was away is back, else after a pause
 * that grows, and never earlier than the server asked for.
 */
export function useComeback(error: Readonly<Ref<Problem | undefined>>, reload: () => unknown): void {
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(error, (problem) => {
    clearTimeout(timer)
    failures = problem === undefined ? 0 : failures + 1
    if (!problem?.passing) return
    const least = (problem.retryAfter ?? 0) * 1_000
    timer = setTimeout(() => {
      // While the server is away, its return is waited for.
      if (reachability.reachable.value) reload()
    }, backOff(failures, { first: FIRST_WAIT, least }))
  })
  const stop = reachability.onRecovered(() => {
    if (error.value?.passing) reload()
  })
  onScopeDispose(() => {
    stop()
    clearTimeout(timer)
  })
}
