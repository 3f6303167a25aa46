import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { Keeper, type StoredSession } from './keeper'
import { storageLock } from './lock'

let now = 1_000_000
const shared = new Map<string, string>()
const storage = {
  getItem: (key: string) => shared.get(key) ?? null,
  setItem: (key: string, value: string) => void shared.set(key, value),
  removeItem: (key: string) => void shared.delete(key),
} as Storage

function session(n: number, lives = 1_800_000): StoredSession<string> {
  return { access: `a${n}`, accessUntil: now + lives, refresh: `r${n}`, refreshUntil: now + 7 * 86_400_000, user: 'u' }
}

/** A server that ends everything when a refresh token comes twice. */
function server() {
  let current = 1
  const spent: string[] = []
  return {
    spent,
    async spend(refresh: string) {
      await Promise.resolve()
      if (refresh !== `r${current}`) throw new Problem(401, 'REFRESH_TOKEN_REUSED', '')
      spent.push(refresh)
      current += 1
      return session(current)
    },
  }
}

const tab = (spend: (refresh: string) => Promise<StoredSession<string>>) =>
  new Keeper<string>({ storage, lock: storageLock(storage, () => new Promise((done) => setTimeout(done, 1))), now: () => now, spend })

beforeEach(() => {
  shared.clear()
  now = 1_000_000
})

describe('keeper', () => {
  it('sends a fresh token as it is', async () => {
    const spend = vi.fn()
    const keeper = tab(spend)
    keeper.write(session(1))
    expect(await keeper.token()).toBe('a1')
    expect(spend).not.toHaveBeenCalled()
  })

  it('refreshes once for many calls at a time', async () => {
    const { spend, spent } = server()
    const keeper = tab(spend)
    keeper.write(session(1, 0))
    expect(await Promise.all([keeper.token(), keeper.token(), keeper.renew('a1').then((s) => s?.access)])).toEqual(['a2', 'a2', 'a2'])
    expect(spent).toEqual(['r1'])
  })

  it('renews in passing shortly before the end and sends the old token meanwhile', async () => {
    const { spend, spent } = server()
    const keeper = tab(spend)
    keeper.write(session(1, 30_000))
    expect(await keeper.token()).toBe('a1')
    await vi.waitFor(() => expect(keeper.read()?.access).toBe('a2'))
    expect(spent).toEqual(['r1'])
  })

  it('never spends a token that another tab has spent', async () => {
    const { spend, spent } = server()
    const [one, two] = [tab(spend), tab(spend)]
    one.write(session(1, 0))
    expect(await Promise.all([one.token(), two.token()])).toEqual(['a2', 'a2'])
    expect(spent).toEqual(['r1'])
  })

  it('takes the token of another tab when its own is refused', async () => {
    const spend = vi.fn()
    const keeper = tab(spend)
    keeper.write(session(5))
    expect((await keeper.renew('a4'))?.access).toBe('a5')
    expect(spend).not.toHaveBeenCalled()
  })

  it('ends the session when the server refuses, and says so', async () => {
    const keeper = tab(() => Promise.reject(new Problem(401, 'SESSION_ENDED', '')))
    const refused = vi.fn()
    keeper.onRefused(refused)
    keeper.write(session(1, 0))
    expect(await keeper.token()).toBeNull()
    expect(refused).toHaveBeenCalledOnce()
    expect(keeper.read()).toBeNull()
  })

  it('keeps the session while the server cannot be reached', async () => {
    const keeper = tab(() => Promise.reject(Problem.unreachable()))
    keeper.write(session(1, 0))
    await expect(keeper.token()).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(keeper.read()?.refresh).toBe('r1')
  })

  it('asks once more at once when the answer got lost on the way', async () => {
    const { spend, spent } = server()
    let lost = false
    const keeper = tab((refresh) => {
      if (lost) return spend(refresh)
      lost = true
      return Promise.reject(Problem.timedOut())
    })
    keeper.write(session(1, 0))
    expect(await keeper.token()).toBe('a2')
    expect(spent).toEqual(['r1'])
  })

  it('does not bring a session back that was signed out meanwhile', async () => {
    const keeper = tab(async () => {
      keeper.clear()
      return session(2)
    })
    keeper.write(session(1, 0))
    expect(await keeper.token()).toBeNull()
    expect(keeper.read()).toBeNull()
  })
})
