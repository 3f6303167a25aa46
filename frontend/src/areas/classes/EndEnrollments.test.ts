import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { Schema } from '@/api'
import ConfirmDialog from '@/components/ConfirmDialog.vue'
import { i18n } from '@/i18n'
import EndEnrollments from './EndEnrollments.vue'

const pupil = (id: string) => ({ id, full_name: `Pupil ${id}` }) as Schema<'Student'>
afterEach(() => vi.unstubAllGlobals())

it('tries again for those that are left, although the page has forgotten whom it had chosen', async () => {
  let refused: string | undefined = 'b'
  const ended: string[] = []
  const keys: Record<string, (string | null)[]> = { a: [], b: [], c: [] }
  vi.stubGlobal('fetch', async (request: Request) => {
    const id = request.url.match(/enrollments\/(\w+)\/end/)?.[1] ?? ''
    keys[id]?.push(request.headers.get('idempotency-key'))
    if (id === refused) return Response.json({ code: 'INTERNAL' }, { status: 500, headers: { 'content-type': 'application/problem+json' } })
    ended.push(id)
    return new Response(null, { status: 204 })
  })
  const wrapper = mount(EndEnrollments, {
    props: { modelValue: false, classId: 'k', people: ['a', 'b', 'c'].map(pupil), onChanged: () => void wrapper.setProps({ people: [] }) },
    global: { plugins: [i18n] },
    shallow: true,
  })
  await wrapper.setProps({ modelValue: true })
  const end = () => wrapper.findComponent(ConfirmDialog).props('action')()
  await expect(end()).rejects.toMatchObject({ code: 'INTERNAL' })
  await flushPromises()
  expect(wrapper.props('people')).toEqual([])
  refused = undefined
  await end()
  expect(ended).toEqual(['a', 'b', 'c'])
  expect(keys.b?.[1]).toBe(keys.b?.[0])
  expect(new Set(Object.values(keys).flat()).size).toBe(3)
  expect(wrapper.emitted('changed')).toHaveLength(2)
})
