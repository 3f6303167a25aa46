import type { Ref } from 'vue'
import { useLooking } from './useLooking'

/**
 * Looks again, quietly, as long as something of the page is `moving` on the server. Only rows that are there already
 * change, and none that was changed here meanwhile.
 */
export function useFreshItems<T extends { id: string }>(
  list: { items: Ref<T[]>; look: (signal: AbortSignal) => Promise<T[]> },
  moving: (items: T[]) => boolean,
): void {
  useLooking(
    () => moving(list.items.value),
    async (signal) => {
      const before = new Set(list.items.value)
      const fresh = new Map((await list.look(signal)).map((item) => [item.id, item]))
      list.items.value = list.items.value.map((item) => (before.has(item) ? (fresh.get(item.id) ?? item) : item))
    },
  )
}
