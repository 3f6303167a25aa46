import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import type { Schema } from '@/api'
import { useUndo } from '@/composables/useUndo'
import { loadArea } from '@/i18n'
import { inSetup } from '@/testing'
import { useBulk } from './useBulk'

type Mistake = Schema<'Mistake'>
const mistakes = ['a', 'b', 'c'].map((id) => ({ id, status: 'pending' }) as Mistake)
beforeAll(() => loadArea('mistakes'))
afterEach(() => vi.unstubAllGlobals())

/** A page with three mistakes, two of them chosen, and what the server is asked; it changes only the first of them. */
async function page() {
  const asked: Record<string, unknown>[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const body = (await request.json()) as Schema<'MistakeChanges'>
    asked.push(body)
    return Response.json({ items: [{ id: body.mistake_ids[0], previous_status: 'reviewing' }] })
  })
  const items = shallowRef(mistakes)
  const patch = (change: (items: Mistake[]) => Mistake[]) => {
    const before = items.value
    items.value = change(before)
    return () => (items.value = before)
  }
  const { made } = await inSetup(() => useBulk({ items, patch, reload: async () => {} }))
  made.choose(mistakes.slice(0, 2), true)
  const { notices } = useUndo()
  const takeBack = async () => {
    await notices.value.at(-1)?.undo?.()
    await flushPromises()
  }
  return { made, items, asked, takeBack, said: () => notices.value.at(-1)?.text }
}

it('takes a deletion back for those that the server deleted, not for those that were chosen', async () => {
  const { made, items, asked, takeBack, said } = await page()
  await made.remove()
  expect(items.value.map(({ id }) => id)).toEqual(['c'])
  expect(said()).toMatch(/\b1\b/)
  await takeBack()
  expect(asked).toEqual([{ delete: true, mistake_ids: ['a', 'b'] }, { restore: true, mistake_ids: ['a'] }])
})

it('takes a restoring back, and gives each mistake the state that it had', async () => {
  const { made, asked, takeBack } = await page()
  await made.restore()
  await takeBack()
  expect(asked.at(-1)).toEqual({ delete: true, mistake_ids: ['a'] })
  made.choose(mistakes, true)
  await made.setStatus('mastered')
  await takeBack()
  expect(asked.at(-1)).toEqual({ status: 'reviewing', mistake_ids: ['a'] })
})
