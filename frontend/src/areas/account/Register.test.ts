import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { reachability } from '@/api/reachability'
import { i18n } from '@/i18n'
import { useSession } from '@/session'
import Register from './Register.vue'

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  reachability.answered()
  vi.unstubAllGlobals()
})

it('asks for the same account after a lost answer, and keeps the invitation on the way to signing in', async () => {
  const keys: (string | null)[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.method === 'GET') return Response.json({ registration: 'invitation' })
    keys.push(request.headers.get('idempotency-key'))
    if (keys.length === 1) throw new TypeError('lost')
    return Response.json({ access_token: 'a1', expires_in: 1_800, refresh_token: 'r1', refresh_expires_in: 9_000, user: { id: 'a', role: 'student' } })
  })
  const page = { template: '' }
  const routes = [{ path: '/', component: page }, { path: '/sign-in', name: 'sign-in', component: page }, { path: '/register', component: page }]
  const router = createRouter({ history: createMemoryHistory(), routes })
  await router.push('/register?code=X')
  const wrapper = mount(Register, { global: { plugins: [router, i18n], stubs: { EntryFrame: { template: '<div><slot /></div>' } } } })
  await flushPromises()
  expect(wrapper.find('a').attributes('href')).toBe('/sign-in?code=X')
  for (const input of wrapper.findAll('input').slice(1)) await input.setValue('lilei')
  const send = async () => {
    await wrapper.find('form').trigger('submit')
    await flushPromises()
  }
  await send()
  await send()
  expect(keys).toHaveLength(2)
  expect(keys[1]).toBe(keys[0])
  expect(keys[0]).toBeTruthy()
  expect(useSession().user?.id).toBe('a')
  useSession().forget()
})
