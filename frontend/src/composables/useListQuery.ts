import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import { asProblem, isAborted, type Problem } from '@/api/problem'
import { useComeback } from './useComeback'

/** Filters of a list: the defaults also say the type. Empty strings, empty arrays and false stay out of the URL. */
export type Filters = Record<string, string | string[] | boolean>
interface Page<T> {
  items: T[]
  next_cursor?: string | null
}

function fromUrl<F extends Filters>(defaults: F, query: LocationQuery): F {
  const read = Object.entries(defaults).map(([name, otherwise]) => {
    const value = query[name]
    if (typeof value !== 'string') return [name, otherwise]
    if (Array.isArray(otherwise)) return [name, value === '' ? [] : value.split(',')]
    return [name, typeof otherwise === 'boolean' ? value === '1' : value]
  })
  return Object.fromEntries(read) as F
}

function written(value: string | string[] | boolean): string {
  return Array.isArray(value) ? value.join(',') : typeof value === 'boolean' ? (value ? '1' : '0') : value
}

/** Only what differs from the defaults. */
function toUrl(filters: Filters, defaults: Filters): Record<string, string> {
  const entries = Object.entries(filters).map(([name, value]) => [name, written(value)] as const)
  return Object.fromEntries(entries.filter(([name, value]) => value !== written(defaults[name] ?? '')))
}

/**
 * A list with filters and keyset pages, both kept in the URL, so that back, reload and a shared link show the same.
 * The cursors of the pages before are kept in the history entry, for going back page by page.
 *
 * `const list = useListQuery({ query: '', statuses: [] as string[] }, (filters, cursor, signal) =>
 *    call(api.GET('/api/v1/mistakes', { params: { query: { ...filters, cursor, limit: 20 } }, signal })))`
 *
 * In the template: `v-model="list.filters.value.query"` does not reload; call `list.set({ query })` (typing: use the
 * input's `change`, or `list.setSoon`). Show with `<ListState :list="list">`. `prefix` tells two lists of one page apart.
 */
export function useListQuery<T, F extends Filters>(
  defaults: F,
  read: (filters: F, cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  options: { prefix?: string } = {},
) {
  const route = useRoute()
  const router = useRouter()
  const prefix = options.prefix ?? ''
  const ownPath = route.path
  const items = shallowRef<T[]>([])
  const next = ref<string>()
  const error = shallowRef<Problem>()
  const loading = ref(true)
  /** True once an answer has come; until then a skeleton is shown. */
  const settled = ref(false)

  const own = computed(() => {
    const query = Object.entries(route.query).filter(([name]) => name.startsWith(prefix))
    return Object.fromEntries(query.map(([name, value]) => [name.slice(prefix.length), value])) as LocationQuery
  })
  const filters = computed<F>(() => fromUrl(defaults, own.value))
  const cursor = computed(() => (typeof own.value.cursor === 'string' ? own.value.cursor : undefined))
  const page = computed(() => Math.max(1, Number(own.value.page) || 1))
  const filtered = computed(() => Object.keys(toUrl(filters.value, defaults)).length > 0)
  let running: AbortController | undefined
  let soon: ReturnType<typeof setTimeout> | undefined
  /** What was typed and has not been asked for yet. */
  let pending: Partial<F> = {}

  function go(query: Record<string, string>, push: boolean): void {
    const others = Object.entries(route.query).filter(
      ([name]) => !(name.startsWith(prefix) && [...Object.keys(defaults), 'cursor', 'page'].includes(name.slice(prefix.length))),
    )
    const mine = Object.entries(query).map(([name, value]) => [prefix + name, value])
    const to = { path: route.path, query: Object.fromEntries([...others, ...mine]) as LocationQuery }
    void (push ? router.push(to) : router.replace(to))
  }

  async function reload(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const answer = await read(filters.value, cursor.value, mine.signal)
      if (mine.signal.aborted) return
      items.value = answer.items
      next.value = answer.next_cursor ?? undefined
      error.value = undefined
      settled.value = true
    } catch (thrown) {
      if (mine.signal.aborted || isAborted(thrown)) return
      const problem = asProblem(thrown)
      // A page of long ago, or of other filters: begin with the first one.
      if (cursor.value !== undefined && problem.code === 'INVALID_CURSOR') go(toUrl(filters.value, defaults), false)
      else error.value = problem
    } finally {
      if (running === mine) loading.value = false
    }
  }

  function set(change: Partial<F>): void {
    clearTimeout(soon)
    const wanted = { ...filters.value, ...pending, ...change }
    pending = {}
    go(toUrl(wanted, defaults), false)
  }

  const key = computed(() => JSON.stringify([filters.value, cursor.value]))
  watch(
    key,
    () => {
      if (route.path === ownPath) void reload()
    },
    { immediate: true },
  )
  useComeback(error, reload)
  onScopeDispose(() => {
    clearTimeout(soon)
    running?.abort()
  })

  return {
    items, error, loading, settled, filters, filtered, page,
    hasNext: computed(() => next.value !== undefined),
    hasPrevious: computed(() => cursor.value !== undefined),
    /** Changes filters and goes to the first page. */
    set,
    /** The same, a moment after the last keystroke. */
    setSoon(change: Partial<F>): void {
      clearTimeout(soon)
      pending = { ...pending, ...change }
      soon = setTimeout(() => set({}), 300)
    },
    clear(): void {
      clearTimeout(soon)
      pending = {}
      go({}, false)
    },
    goNext(): void {
      if (next.value !== undefined) {
        go({ ...toUrl(filters.value, defaults), cursor: next.value, page: String(page.value + 1) }, true)
      }
    },
    /** Back through the history when that is where the page before is, else to the first page. */
    goPrevious(): void {
      const before = window.history.state as { back?: string | null } | null
      const back = before?.back ? router.resolve(before.back) : undefined
      const wasPage = Number(back?.query[`${prefix}page`] ?? 1)
      if (back?.path === route.path && wasPage === page.value - 1) router.back()
      else go(toUrl(filters.value, defaults), false)
    },
    reload,
    /** Reads the page that is shown once more without showing it. */
    async look(signal: AbortSignal): Promise<T[]> {
      return (await read(filters.value, cursor.value, signal)).items
    },
    /** Changes what is shown at once; gives the way back for when the server refuses. */
    patch(change: (items: T[]) => T[]): () => void {
      const before = items.value
      items.value = change(before)
      return () => (items.value = before)
    },
  }
}

/** What `ListState` needs of a list. */
export type ListQuery = Pick<
  ReturnType<typeof useListQuery>,
  'error' | 'loading' | 'settled' | 'filtered' | 'page' | 'hasNext' | 'hasPrevious' | 'goNext' | 'goPrevious' | 'clear' | 'reload'
> & { items: { value: unknown[] } }
