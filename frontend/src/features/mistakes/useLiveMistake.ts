import { onScopeDispose, watch, type WatchSource } from 'vue'
import { api, call, type Schema } from '@/api'
import { useQuery } from '@/composables/useQuery'

const FIRST_WAIT = 1_000
const LONGEST_WAIT = 8_000

export function isAnalysing(mistake: Schema<'Mistake'> | undefined): boolean {
  return mistake?.analysis_status === 'queued' || mistake?.analysis_status === 'running'
}

/** One mistake that keeps itself up to date while it is being analysed; `analyse()` asks for a new analysis. */
export function useLiveMistake(id: () => string, sources: WatchSource[] = []) {
  const read = (signal?: AbortSignal) => call(api.GET('/api/v1/mistakes/{id}', { params: { path: { id: id() } }, signal }))
  const query = useQuery(read, [id, ...sources])
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_WAIT

  async function look(): Promise<void> {
    const asked = id()
    try {
      const now = await read()
      if (asked !== id()) return
      query.data.value = now
    } catch {
      // The next look may work; the page says by itself when the server is away.
      plan()
    }
  }
  function plan(): void {
    clearTimeout(timer)
    wait = Math.min(wait * 1.5, LONGEST_WAIT)
    timer = setTimeout(() => void look(), wait)
  }
  watch(query.data, (mistake) => {
    clearTimeout(timer)
    if (isAnalysing(mistake)) plan()
    else wait = FIRST_WAIT
  })
  onScopeDispose(() => clearTimeout(timer))

  /** Shows a changed mistake; where it came from stays as it was. */
  function take(mistake: Schema<'Mistake'>): void {
    const before = query.data.value
    if (before?.id === mistake.id) query.data.value = { ...before, ...mistake }
  }

  return {
    ...query,
    take,
    async analyse(): Promise<void> {
      wait = FIRST_WAIT
      const params = { path: { id: id() } }
      take(await call(api.POST('/api/v1/mistakes/{id}/analysis', { params })))
    },
  }
}
