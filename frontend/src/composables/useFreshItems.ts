import { onScopeDispose, watch, type Ref } from 'vue'
import { backOff } from '@/lib/backOff'

const WAIT = 4_000

/**
 * Looks again, quietly, as long as something of the page is `moving` on the server, less often while that fails. Only rows
 * that are there already change, and none that was changed here meanwhile. `plan` is called when `moving` changes by other means.
 */
export function useFreshItems<T extends { id: string }>(
  list: { items: Ref<T[]>; look: (signal: AbortSignal) => Promise<T[]> },
  moving: (items: T[]) => boolean,
): { plan: () => void } {
  const control = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  async function look(): Promise<void> {
    const before = new Set(list.items.value)
    const fresh = await list.look(control.signal).catch(() => undefined)
    timer = undefined
    if (control.signal.aborted) return
    failures = fresh === undefined ? failures + 1 : 0
    const byId = new Map(fresh?.map((item) => [item.id, item]))
    if (fresh !== undefined) list.items.value = list.items.value.map((item) => (before.has(item) ? (byId.get(item.id) ?? item) : item))
    plan()
  }
  function plan(): void {
    if (timer !== undefined || !moving(list.items.value)) return
    timer = setTimeout(() => void look(), backOff(failures, { first: WAIT }))
  }
  watch(list.items, plan)
  onScopeDispose(() => {
    clearTimeout(timer)
    control.abort()
  })
  return { plan }
}
