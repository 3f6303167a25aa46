import { flushPromises } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { inSetup } from '@/testing'
import { useListQuery } from './useListQuery'

const NONE = { query: '', statuses: [] as string[], deleted: false, order: 'latest' }
type Read = Parameters<typeof useListQuery<string, typeof NONE>>[1]
/** Two pages of a list. */
const pages: Read = async (_filters, cursor) => (cursor === undefined ? { items: ['a'], next_cursor: 'second' } : { items: ['b'] })
const list = (read: Read, address?: string) => inSetup(() => useListQuery(NONE, read), address)

it('reads the filters out of the URL, and passes over what is none of them', async () => {
  const read = vi.fn(pages)
  const { made, end } = await list(read, '/page?query=go&statuses=pending,mastered&deleted=1&foreign=x')
  expect(read.mock.calls[0]?.[0]).toEqual({ query: 'go', statuses: ['pending', 'mastered'], deleted: true, order: 'latest' })
  expect(made.filtered.value).toBe(true)
  expect(made.items.value).toEqual(['a'])
  end()
})

it('writes only what differs from the defaults, begins with the first page, and leaves the rest of the URL', async () => {
  const { made, router, end } = await list(pages, '/page?tab=mistakes&cursor=second&page=2&order=oldest')
  expect(made.items.value).toEqual(['b'])
  made.set({ query: 'go', order: 'latest' })
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ tab: 'mistakes', query: 'go' })
  expect(made.items.value).toEqual(['a'])
  made.clear()
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ tab: 'mistakes' })
  end()
})

it('goes on to the next page in the history, and to the first one without it', async () => {
  const { made, router, end } = await list(pages, '/page?query=go')
  expect([made.hasNext.value, made.hasPrevious.value]).toEqual([true, false])
  made.goNext()
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ query: 'go', cursor: 'second', page: '2' })
  expect([made.hasNext.value, made.hasPrevious.value, made.page.value]).toEqual([false, true, 2])
  made.goPrevious()
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ query: 'go' })
  end()
})

it('begins anew when a cursor is of long ago, and says other problems', async () => {
  const read = vi.fn(async (_filters, cursor) => {
    if (cursor === 'old') throw new Problem(400, 'INVALID_CURSOR', '')
    if (cursor === 'broken') throw new Problem(404, 'CLASS_NOT_FOUND', '')
    return { items: ['a'] }
  }) as Read
  const old = await list(read, '/page?cursor=old&page=7')
  expect(old.router.currentRoute.value.query).toEqual({})
  expect(old.made.items.value).toEqual(['a'])
  old.end()
  const broken = await list(read, '/page?cursor=broken')
  expect(broken.made.error.value?.code).toBe('CLASS_NOT_FOUND')
  broken.end()
})

it('shows the answer to the latest question, in whichever order they come', async () => {
  const waiting: Record<string, (items: string[]) => void> = {}
  const read: Read = (filters) => new Promise((done) => (waiting[filters.query] = (items) => done({ items })))
  const { made, end } = await list(read)
  made.set({ query: 'g' })
  await flushPromises()
  made.set({ query: 'go' })
  await flushPromises()
  waiting.go?.(['latest'])
  waiting.g?.(['outdated'])
  await flushPromises()
  expect(made.items.value).toEqual(['latest'])
  expect(made.loading.value).toBe(false)
  end()
})

it('loses nothing that is still being typed when another filter changes, and forgets it when all are cleared', async () => {
  const { made, router, end } = await list(pages)
  vi.useFakeTimers()
  try {
    made.setSoon({ query: 'go' })
    made.set({ order: 'oldest' })
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({ query: 'go', order: 'oldest' })
    made.setSoon({ query: 'went' })
    made.setSoon({ deleted: true })
    await vi.advanceTimersByTimeAsync(300)
    expect(router.currentRoute.value.query).toEqual({ query: 'went', order: 'oldest', deleted: '1' })
    made.setSoon({ query: 'gone' })
    made.clear()
    await vi.advanceTimersByTimeAsync(300)
    expect(router.currentRoute.value.query).toEqual({})
  } finally {
    vi.useRealTimers()
    end()
  }
})

it('takes a change back that was shown too early, and keeps two lists of one page apart', async () => {
  const { made, end } = await list(pages)
  const back = made.patch(() => [])
  expect(made.items.value).toEqual([])
  back()
  expect(made.items.value).toEqual(['a'])
  end()
  const other = await inSetup(() => useListQuery(NONE, pages, { prefix: 'task_' }), '/page?query=mine&task_query=theirs')
  expect(other.made.filters.value.query).toBe('theirs')
  other.end()
})
