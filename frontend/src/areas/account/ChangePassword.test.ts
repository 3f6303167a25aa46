import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Schema } from '@/api'
import { i18n } from '@/i18n'
import { useSession } from '@/session'
import ChangePassword from './ChangePassword.vue'

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('lets the user go on after the first password is changed, whatever becomes of the next call', async () => {
  vi.stubGlobal('fetch', async (request: Request) =>
    request.method === 'POST'
      ? new Response(null, { status: 204 })
      : Response.json({ code: 'INTERNAL' }, { status: 500, headers: { 'content-type': 'application/problem+json' } }),
  )
  const session = useSession()
  session.update({ id: 'a', username: 'a', must_change_password: true } as Schema<'User'>)
  const page = { template: '' }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: page }, { path: '/password', component: page }] })
  await router.push('/password')
  const wrapper = mount(ChangePassword, { global: { plugins: [router, i18n], stubs: { PageHeader: true } } })
  const fields = wrapper.findAll('input[type="password"]')
  for (const [place, value] of ['old', 'new', 'new'].entries()) await fields[place]!.setValue(value)
  await wrapper.find('form').trigger('submit')
  await flushPromises()
  expect(session.user?.must_change_password).toBe(false)
  expect(router.currentRoute.value.path).toBe('/')
})
