import { onScopeDispose, watch } from 'vue'

/** Looks again and again, `wait` apart, as long as `running` holds; a look that fails is tried again. */
export function usePolling(running: () => boolean, look: (signal: AbortSignal) => Promise<void>, wait = 1_000): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked: AbortController | undefined

  function stop(): void {
    clearTimeout(timer)
    asked?.abort()
  }
  function plan(): void {
    timer = setTimeout(() => {
      const mine = (asked = new AbortController())
      void look(mine.signal)
        .catch(() => undefined)
        .then(() => {
          if (!mine.signal.aborted && running()) plan()
        })
    }, wait)
  }
  watch(running, (runs) => {
    stop()
    if (runs) plan()
  }, { immediate: true })
  onScopeDispose(stop)
}
