import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import { inSetup } from '@/testing'
import { useFreshItems } from './useFreshItems'

interface Row {
  id: string
  state: 'moving' | 'still'
}
const moving = (rows: Row[]) => rows.some((row) => row.state === 'moving')
const rows = (first: Row['state'], second: Row['state']): Row[] => [{ id: 'a', state: first }, { id: 'b', state: second }]
beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('looks until nothing moves any more, and only then', async () => {
  const items = shallowRef<Row[]>([])
  const look = vi.fn(async () => rows('still', 'still'))
  const { end } = await inSetup(() => useFreshItems({ items, look }, moving))
  items.value = rows('moving', 'still')
  await vi.advanceTimersByTimeAsync(4_000)
  expect(items.value).toEqual(rows('still', 'still'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(look).toHaveBeenCalledOnce()
  end()
})

it('looks less often while that fails, and not at all once the page is gone', async () => {
  const items = shallowRef<Row[]>([])
  const look = vi.fn(() => Promise.reject(new Error('refused')))
  const { end } = await inSetup(() => useFreshItems({ items, look }, moving))
  items.value = rows('moving', 'still')
  await vi.advanceTimersByTimeAsync(60_000)
  const often = look.mock.calls.length
  expect(often).toBeLessThanOrEqual(6)
  expect(often).toBeGreaterThan(2)
  end()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(look).toHaveBeenCalledTimes(often)
})

it('leaves alone what was changed here while the answer was on its way', async () => {
  const items = shallowRef<Row[]>([])
  let answer: (rows: Row[]) => void = () => {}
  const look = () => new Promise<Row[]>((done) => (answer = done))
  const { end } = await inSetup(() => useFreshItems({ items, look }, moving))
  items.value = rows('moving', 'moving')
  await vi.advanceTimersByTimeAsync(4_000)
  items.value = items.value.map((row) => (row.id === 'a' ? { id: 'a', state: 'still' } : row))
  answer([{ id: 'a', state: 'moving' }, { id: 'b', state: 'still' }, { id: 'c', state: 'moving' }])
  await vi.advanceTimersByTimeAsync(0)
  expect(items.value).toEqual(rows('still', 'still'))
  end()
})
