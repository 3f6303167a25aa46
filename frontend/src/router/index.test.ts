import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import type { RouteLocationNormalized } from 'vue-router'
import type { Schema } from '@/api'
import { useSession } from '@/session'
import { detour, returnAddress, router } from '.'

beforeEach(() => setActivePinia(createPinia()))
const signIn = (user: Partial<Schema<'User'>>) => useSession().update(user as Schema<'User'>)
const back = (address: string) => returnAddress({ query: { return: address } } as unknown as RouteLocationNormalized)
const from = (address: string) => detour(router.resolve(address) as RouteLocationNormalized)

it('returns to pages of this application that are for whoever has signed in', () => {
  signIn({ role: 'student' })
  expect(back('/account?tab=1')).toBe('/account?tab=1')
  expect(back('/admin/accounts')).toBe('/')
  expect(back('//elsewhere.cn')).toBe('/')
  signIn({ role: 'admin' })
  expect(back('/admin/accounts')).toBe('/admin/accounts')
})

it('leads away from what the role may not open, and to the first password', () => {
  signIn({ role: 'student' })
  expect(from('/account')).toBeUndefined()
  expect(from('/admin/accounts')).toEqual({ name: 'no-permission' })
  signIn({ role: 'admin', must_change_password: true })
  expect(from('/admin/accounts')).toEqual({ name: 'account-password' })
  expect(from('/account/password')).toBeUndefined()
  expect(from('/register')).toBeUndefined()
})
