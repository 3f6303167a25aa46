import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { api, call, idempotent, within, type Schema } from '@/api'
import { Problem } from '@/api/problem'
import { reachability } from '@/api/reachability'
import { useCredentials } from '@/api/transport'
import type { Locale } from '@/i18n'
import { Keeper, SESSION_KEY, type StoredSession } from './keeper'
import { browserLock } from './lock'
import { preferences, type Theme } from './preferences'

export { preferences, type Theme } from './preferences'
/** Says to other tabs, however late they look, that the last session ended because the user wanted it. */
const SIGNED_OUT = 'ai-english.signed-out'
/** Twice this has to fit into the half minute for which the server repeats a lost answer. */
const REFRESH_DEADLINE = 8_000

export type Role = Schema<'Role'>
type User = Schema<'User'>
type SignedIn = Schema<'SignedIn'>

function toStored(answer: SignedIn): StoredSession<User> {
  const now = Date.now()
  return {
    access: answer.access_token,
    accessUntil: now + answer.expires_in * 1_000,
    refresh: answer.refresh_token,
    refreshUntil: now + answer.refresh_expires_in * 1_000,
    user: answer.user,
  }
}

export const keeper = new Keeper<User>({
  storage: localStorage,
  lock: browserLock(),
  now: Date.now,
  spend: async (refresh) =>
    toStored(await call(api.POST('/api/v1/auth/refresh', { body: { refresh_token: refresh }, fetch: within(REFRESH_DEADLINE) }))),
})

/** Who is signed in. Sessions are refreshed silently; when that is refused, the page stays and asks to sign in again. */
export const useSession = defineStore('session', () => {
  const user = shallowRef<User | null>(keeper.read()?.user ?? null)
  /** The session ended in the middle of work; calls wait until the user has signed in again or given up. */
  const interrupted = ref(false)
  const role = computed<Role | null>(() => user.value?.role ?? null)
  let waiting: ((token: string | null) => void)[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Whoever signs out is not asked for the password first. */
  let leaving = false

  function settle(token: string | null): void {
    const calls = waiting
    waiting = []
    interrupted.value = false
    for (const go of calls) go(token)
  }

  function plan(): void {
    clearTimeout(timer)
    const wait = keeper.dueIn()
    if (wait === undefined) return
    // Not all tabs at the same moment: the first spares the others the call. What is overdue does not wait.
    const apart = wait > 0 ? Math.random() * 10_000 : 0
    timer = setTimeout(() => void keeper.token().catch(() => undefined).finally(planLater), wait + apart)
  }
  function planLater(): void {
    clearTimeout(timer)
    timer = setTimeout(plan, 5_000)
  }

  async function take(session: StoredSession<User>): Promise<void> {
    const before = user.value
    localStorage.removeItem(SIGNED_OUT)
    keeper.write(session)
    user.value = session.user
    await preferences.follow(session.user)
    plan()
    if (interrupted.value && before?.id === session.user.id) settle(session.access)
  }

  /** Returns the user; throws a `Problem`. */
  async function signIn(username: string, password: string): Promise<User> {
    const answer = await call(api.POST('/api/v1/auth/login', { body: { username, password } }))
    await take(toStored(answer))
    return answer.user
  }

  /** `key` is that of the form: after a lost answer the name is not taken, but the user's own. */
  async function register(body: Schema<'Registration'>, key: string): Promise<User> {
    const answer = await call(api.POST('/api/v1/auth/register', { params: { header: idempotent(key) }, body }))
    await take(toStored(answer))
    return answer.user
  }

  /** Moves the account to the school of an invitation; every other session of it ends. */
  async function joinSchool(invitation_code: string): Promise<void> {
    await take(toStored(await call(api.POST('/api/v1/organizations/join', { body: { invitation_code } }))))
  }

  /** Nobody is signed in any more in this tab. */
  function end(): void {
    clearTimeout(timer)
    user.value = null
    settle(null)
  }

  function forget(): void {
    localStorage.setItem(SIGNED_OUT, '1')
    keeper.clear()
    end()
  }

  /** Ends the session here, or all sessions of the account; without a server, or when it has ended already, at least here. */
  async function signOut(everywhere = false): Promise<void> {
    leaving = !everywhere
    try {
      await (everywhere ? call(api.POST('/api/v1/auth/logout-all')) : call(api.POST('/api/v1/auth/logout')))
    } catch (error) {
      if (everywhere || !(error instanceof Problem)) throw error
    } finally {
      leaving = false
    }
    forget()
  }

  /** Takes over a changed account, as from the profile page. */
  function update(changed: User): void {
    user.value = changed
    const session = keeper.read()
    if (session) keeper.write({ ...session, user: changed })
  }

  /** Keeps a language or a theme for the account, when somebody is signed in; throws a `Problem`. */
  async function prefer({ locale, theme }: { locale?: Locale; theme?: Theme }): Promise<void> {
    if (user.value) update(await call(api.PATCH('/api/v1/users/me', { body: { locale, preferences: { theme } } })))
  }

  keeper.onRenewed((session) => (user.value = session.user))
  keeper.onRefused(() => {
    if (user.value && !leaving) interrupted.value = true
  })
  useCredentials({
    token: async () => (interrupted.value ? regained() : keeper.token()).then((token) => token ?? regained()),
    renew: async (refused) => (await keeper.renew(refused))?.access ?? regained(),
  })
  function regained(): Promise<string | null> {
    if (!interrupted.value || leaving) return Promise.resolve(null)
    return new Promise((go) => waiting.push(go))
  }

  // Another tab has signed in or out, or refreshed.
  addEventListener('storage', (event) => {
    if (event.key !== SESSION_KEY && event.key !== null) return
    const session = keeper.read()
    if (session && user.value && session.user.id !== user.value.id) location.assign('/')
    else if (session) {
      user.value = session.user
      void preferences.follow(session.user)
      plan()
      if (interrupted.value) settle(session.access)
    } else if (localStorage.getItem(SIGNED_OUT) !== null) forget()
    else if (user.value) interrupted.value = true
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') plan()
  })
  reachability.onRecovered(plan)
  plan()

  return { user, role, interrupted, signIn, register, joinSchool, signOut, end, forget, update, prefer }
})
