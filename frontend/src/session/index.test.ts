import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Schema } from '@/api'
import { keeper, useSession } from '.'

const user = { id: 'a', username: 'a', full_name: 'Before', role: 'teacher' } as Schema<'User'>
const PROBLEM = { 'content-type': 'application/problem+json' }
const ended = () => Response.json({ code: 'SESSION_ENDED' }, { status: 401, headers: PROBLEM })

function store(lives: number) {
  const now = Date.now()
  keeper.write({ access: 'a1', accessUntil: now + lives, refresh: 'r1', refreshUntil: now + 1e9, user })
  return useSession()
}
beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  useSession().forget()
  vi.unstubAllGlobals()
})

it('signs out without asking for the password when the session has ended already', async () => {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(new URL(request.url).pathname)
    return ended()
  })
  const session = store(1e6)
  await session.signOut()
  expect(asked).toContain('/api/v1/auth/logout')
  expect([session.user, session.interrupted]).toEqual([null, false])
  expect(keeper.read()).toBeNull()
})

it('asks for the password before it ends all sessions, as others may go on', async () => {
  vi.stubGlobal('fetch', async () => ended())
  const session = store(1e6)
  const end = session.signOut(true)
  await vi.waitFor(() => expect(session.interrupted).toBe(true))
  session.forget()
  await expect(end).rejects.toMatchObject({ code: 'SESSION_ENDED' })
})

it('learns from a refresh what has become of the account', async () => {
  vi.stubGlobal('fetch', async () =>
    Response.json({ access_token: 'a2', expires_in: 1_800, refresh_token: 'r2', refresh_expires_in: 9_000, user: { ...user, full_name: 'After' } }),
  )
  const session = store(0)
  await keeper.token()
  expect(session.user?.full_name).toBe('After')
})
