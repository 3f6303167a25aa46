import { onScopeDispose, watch, type Ref } from 'vue'
import type { Schema } from '@/api'
import { isAnalysing } from '@/features/mistakes/useLiveMistake'

type Mistake = Schema<'Mistake'>
const WAIT = 4_000

/** Looks again, quietly, as long as a mistake of the page is being analysed; only rows that are there already change. */
export function useFreshStates(items: Ref<Mistake[]>, read: (signal: AbortSignal) => Promise<Mistake[]>): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: AbortController | undefined

  async function look(): Promise<void> {
    running = new AbortController()
    const shown = items.value
    const fresh = await read(running.signal).catch(() => undefined)
    // Meanwhile another page, or a change of the user's own: theirs counts, and the watcher plans anew.
    if (items.value !== shown) return
    if (fresh === undefined) return plan()
    const byId = new Map(fresh.map((item) => [item.id, item]))
    items.value = shown.map((item) => byId.get(item.id) ?? item)
  }
  function plan(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), WAIT)
  }
  watch(items, (now) => {
    clearTimeout(timer)
    if (now.some(isAnalysing)) plan()
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    running?.abort()
  })
}
