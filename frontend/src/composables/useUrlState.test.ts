import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { inSetup } from '@/testing'
import { useUrlState, useUrlText } from './useUrlState'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('stands in the URL beside other things, without what goes without saying', async () => {
  const { made, router, end } = await inSetup(() => useUrlState('days', '30', ['14', '30', '90']), '/page?tab=activity&days=77')
  expect(made.value).toBe('30')
  made.value = '90'
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ tab: 'activity', days: '90' })
  made.value = '30'
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ tab: 'activity' })
  end()
})

it('writes what is typed a moment later, and follows the URL without losing a keystroke', async () => {
  const { made, router, end } = await inSetup(() => useUrlText('find'), '/page?find=chen')
  expect(made.value).toBe('chen')
  made.value = 'chen j'
  await flushPromises()
  vi.advanceTimersByTime(300)
  // Typed on while the first part is being written.
  made.value = 'chen ji'
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ find: 'chen j' })
  expect(made.value).toBe('chen ji')
  await vi.advanceTimersByTimeAsync(300)
  expect(router.currentRoute.value.query).toEqual({ find: 'chen ji' })
  await router.push('/page?find=')
  expect(made.value).toBe('')
  end()
})

it('leaves the URL of another page alone', async () => {
  const { made, router, end } = await inSetup(() => useUrlText('find'))
  made.value = 'chen'
  await router.push('/other')
  await vi.advanceTimersByTimeAsync(300)
  expect(router.currentRoute.value.fullPath).toBe('/other')
  end()
})
