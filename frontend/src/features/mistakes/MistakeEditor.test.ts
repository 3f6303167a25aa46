import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { Schema } from '@/api'
import { i18n, loadArea } from '@/i18n'
import MistakeEditor from './MistakeEditor.vue'

const mistake = (id: string, version: number) =>
  ({ id, version, question: `Question ${id}`, wrong_answer: 'go', correct_answer: 'goes', type: 'grammar', status: 'pending' }) as Schema<'Mistake'>
beforeAll(() => loadArea('book'))
afterEach(() => vi.unstubAllGlobals())

it('closes when the page goes on to another mistake, and never writes into that one', async () => {
  const sent: { path: string; body: unknown }[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push({ path: new URL(request.url).pathname, body: await request.json() })
    return Response.json(mistake('b', 8))
  })
  const wrapper = mount(MistakeEditor, {
    props: { modelValue: true, mistake: mistake('b', 7) },
    global: { plugins: [i18n], stubs: { ElDialog: { template: '<div><slot /></div>' }, SegmentedChoice: true } },
  })
  await flushPromises()
  await wrapper.setProps({ mistake: mistake('b', 7) })
  expect(wrapper.emitted('update:modelValue')).toBeUndefined()
  await wrapper.find('textarea').setValue('Another question')
  await wrapper.setProps({ mistake: mistake('a', 3) })
  expect(wrapper.emitted('update:modelValue')).toEqual([[false]])
  await wrapper.find('form').trigger('submit')
  await flushPromises()
  expect(sent).toEqual([{ path: '/api/v1/mistakes/b', body: expect.objectContaining({ question: 'Another question', version: 7 }) }])
})
