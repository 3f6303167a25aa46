import { onScopeDispose, watch } from 'vue'
import { backOff } from '@/lib/backOff'

/**
 * Looks again and again as long as something is `moving` on the server, less often while that fails. What `moving` reads is
 * reactive, so that looking begins by itself.
 */
export function useLooking(moving: () => boolean, look: (signal: AbortSignal) => Promise<unknown>, wait = 4_000): void {
  const control = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  async function go(): Promise<void> {
    const worked = await look(control.signal).then(
      () => true,
      () => false,
    )
    timer = undefined
    if (control.signal.aborted) return
    failures = worked ? 0 : failures + 1
    plan()
  }
  function plan(): void {
    if (timer === undefined && moving()) timer = setTimeout(() => void go(), backOff(failures, { first: wait }))
  }
  watch(moving, plan, { immediate: true })
  onScopeDispose(() => {
    clearTimeout(timer)
    control.abort()
  })
}
