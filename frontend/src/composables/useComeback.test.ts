import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { reachability } from '@/api/reachability'
import { inSetup } from '@/testing'
import { useQuery } from './useQuery'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  reachability.answered()
  vi.useRealTimers()
})
/** Fails as often as there are problems, then answers. */
function answering(...problems: Problem[]) {
  return vi.fn(async () => {
    const problem = problems.shift()
    if (problem) throw problem
    return 'answer'
  })
}
const away = (retryAfter?: number) => new Problem(503, 'VECTORS_UNAVAILABLE', '', [], undefined, retryAfter)

it('reads again by itself, later each time and not before the server asked for it', async () => {
  const read = answering(away(), away(30))
  const { made, end } = await inSetup(() => useQuery(read))
  expect(made.error.value?.code).toBe('VECTORS_UNAVAILABLE')
  await vi.advanceTimersByTimeAsync(3_000)
  expect(read).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(29_000)
  expect(read).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(made.data.value).toBe('answer')
  expect(made.error.value).toBeUndefined()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(read).toHaveBeenCalledTimes(3)
  end()
})

it('waits for a server that is away, and reads as soon as it is back', async () => {
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('away')))
  reachability.lost()
  const read = answering(Problem.unreachable())
  const { made, end } = await inSetup(() => useQuery(read))
  await vi.advanceTimersByTimeAsync(120_000)
  expect(read).toHaveBeenCalledTimes(1)
  reachability.answered()
  await flushPromises()
  expect(made.data.value).toBe('answer')
  end()
  vi.unstubAllGlobals()
})

it('leaves a refusal alone, and stops with its page', async () => {
  const refused = answering(new Problem(404, 'CLASS_NOT_FOUND', ''))
  const first = await inSetup(() => useQuery(refused))
  const read = answering(away())
  const second = await inSetup(() => useQuery(read))
  second.end()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(refused).toHaveBeenCalledOnce()
  expect(read).toHaveBeenCalledOnce()
  first.end()
})
