import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import type { Schema } from '@/api'
import { i18n, loadArea } from '@/i18n'
import TaskList from './TaskList.vue'

afterEach(() => vi.unstubAllGlobals())

it('offers to make a document again whose file is gone, and its file once it is made', async () => {
  await loadArea('book')
  vi.stubGlobal('fetch', async () =>
    Response.json({ code: 'EXPORT_FILE_GONE' }, { status: 404, headers: { 'content-type': 'application/problem+json' } }),
  )
  const task = { id: 'a', status: 'completed', title: 'Book', document: 'mistake_book', format: 'pdf', content_type: 'application/pdf', created_at: '2026-11-24T08:00:00Z' }
  const list = { items: shallowRef([task as Schema<'Task'>]), reload: vi.fn() }
  const tasks = { list, retry: vi.fn(async () => undefined) }
  const wrapper = mount(TaskList, {
    props: { tasks } as never,
    global: { plugins: [i18n], stubs: { ListState: { template: '<div><slot /></div>' }, ConfirmDialog: true } },
  })
  const labels = () => wrapper.findAll('button').map((button) => button.text())
  expect(labels()).toEqual(['预览', '下载', ''])
  await wrapper.findAll('button')[1]!.trigger('click')
  await flushPromises()
  expect(list.reload).toHaveBeenCalledOnce()
  expect(labels()).toEqual(['重新生成', ''])
  await wrapper.findAll('button')[0]!.trigger('click')
  await flushPromises()
  expect(tasks.retry).toHaveBeenCalledOnce()
  expect(labels()).toEqual(['预览', '下载', ''])
})
