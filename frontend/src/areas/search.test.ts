import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18n } from '@/i18n'
import Accounts from './admin/Accounts.vue'
import ClassList from './classes/ClassList.vue'
import Book from './student/Book.vue'

afterEach(() => vi.unstubAllGlobals())

it.each(Object.entries({ Accounts, Book, ClassList }))('keeps what is typed into the search of %s, and follows the address', async (_, page) => {
  vi.stubGlobal('fetch', async () => Response.json({ items: [] }))
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/list', component: { template: '' } }] })
  await router.push('/list?query=first')
  const wrapper = mount(page, { global: { plugins: [router, i18n, createPinia()], stubs: { ElInput: false } }, shallow: true })
  await flushPromises()
  const input = wrapper.find('input')
  expect(input.element.value).toBe('first')
  await input.setValue('second')
  await flushPromises()
  expect(input.element.value).toBe('second')
  await router.replace('/list')
  await flushPromises()
  expect(input.element.value).toBe('')
  wrapper.unmount()
})
