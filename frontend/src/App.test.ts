import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Schema } from '@/api'
import { i18n } from '@/i18n'
import { useSession } from '@/session'
import App from './App.vue'

vi.mock('@/layouts/ResumeSession.vue', () => ({ default: {} }))

const user = { id: 'a', username: 'a', role: 'teacher' } as Schema<'User'>
const page = { template: '<p />' }
beforeEach(() => setActivePinia(createPinia()))

async function show(address: string) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/register', component: page, meta: { public: true } },
      { path: '/classes', component: page, meta: { roles: ['teacher'] } },
      { path: '/password', name: 'account-password', component: page },
      { path: '/no', name: 'no-permission', component: page },
    ],
  })
  const session = useSession()
  session.update(user)
  await router.push(address)
  const stubs = { ElConfigProvider: { inheritAttrs: false, template: '<slot />' }, ReachabilityBanner: true, UndoToast: true }
  const wrapper = mount(App, { global: { plugins: [router, i18n], stubs } })
  return { session, router, asks: () => wrapper.findComponent({ name: 'AsyncComponentWrapper' }).exists() }
}

it('asks for the password where somebody works, and not on a page for everybody', async () => {
  const work = await show('/classes')
  work.session.interrupted = true
  await flushPromises()
  expect([work.asks(), work.session.user?.id]).toEqual([true, 'a'])
  await work.router.push('/register')
  await flushPromises()
  expect([work.asks(), work.session.user, work.session.interrupted]).toEqual([false, null, false])
  expect(work.router.currentRoute.value.path).toBe('/register')
})

it('leads away from the page that is shown when the account changes', async () => {
  const { session, router } = await show('/classes')
  session.update({ ...user, role: 'student' })
  await flushPromises()
  expect(router.currentRoute.value.name).toBe('no-permission')
  session.update({ ...user, must_change_password: true })
  await flushPromises()
  expect(router.currentRoute.value.name).toBe('account-password')
})
