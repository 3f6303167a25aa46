import { Problem } from '@/api/problem'
import { signal } from '@/lib/signal'
import type { Lock } from './lock'

export const SESSION_KEY = 'ai-english.session'
/** Renew this long before a token expires. */
const EARLY = 60_000
/** A token with less left than this is not sent any more. */
const MARGIN = 5_000

/** The session as all tabs share it. */
export interface StoredSession<User = unknown> {
  access: string
  accessUntil: number
  refresh: string
  refreshUntil: number
  user: User
}

export interface KeeperParts<User> {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  lock: Lock
  now: () => number
  /** Spends a refresh token; throws a `Problem`. Is asked once more at once when no answer came: the server repeats a lost one for a short time only. */
  spend: (refresh: string) => Promise<StoredSession<User>>
}

/**
 * Keeps the session fresh. A refresh token is good for one use, and a second use ends the session, so that at most one
 * tab spends it: under a lock, after looking whether another tab has been faster.
 */
export class Keeper<User = unknown> {
  private pending: Promise<StoredSession<User> | null> | undefined
  private readonly renewed = signal<StoredSession<User>>()
  private readonly refused = signal<void>()
  /** This tab got a new token, and with it what has become of the user. */
  readonly onRenewed = this.renewed.on
  /** The server refused the refresh token: somebody has to sign in again. */
  readonly onRefused = this.refused.on

  constructor(private readonly parts: KeeperParts<User>) {}

  read(): StoredSession<User> | null {
    const text = this.parts.storage.getItem(SESSION_KEY)
    if (text === null) return null
    try {
      const session = JSON.parse(text) as StoredSession<User>
      return typeof session.access === 'string' && typeof session.refresh === 'string' ? session : null
    } catch {
      return null
    }
  }

  write(session: StoredSession<User>): void {
    this.parts.storage.setItem(SESSION_KEY, JSON.stringify(session))
  }

  clear(): void {
    this.parts.storage.removeItem(SESSION_KEY)
  }

  /** Milliseconds until the next silent refresh is due; undefined without a session. */
  dueIn(): number | undefined {
    const session = this.read()
    return session ? Math.max(0, session.accessUntil - EARLY - this.parts.now()) : undefined
  }

  /** A token to send now. An old one is renewed first; one that is about to expire is renewed in passing. */
  async token(): Promise<string | null> {
    const session = this.read()
    if (session === null) return null
    const left = session.accessUntil - this.parts.now()
    if (left > EARLY) return session.access
    if (left > MARGIN) {
      void this.renew(session.access).catch(() => undefined)
      return session.access
    }
    return (await this.renew(session.access))?.access ?? null
  }

  /**
   * Gets a better token than `stale`: from another tab when that was faster, else from the server. All calls at the same
   * time share one refresh. Null when there is no session any more; throws while the server cannot be reached.
   */
  renew(stale: string): Promise<StoredSession<User> | null> {
    this.pending ??= this.parts
      .lock(SESSION_KEY, () => this.underLock(stale))
      .finally(() => {
        this.pending = undefined
      })
    return this.pending
  }

  private async spend(refresh: string): Promise<StoredSession<User>> {
    try {
      return await this.parts.spend(refresh)
    } catch (error) {
      if (!(error instanceof Problem) || !error.unreachable) throw error
      return this.parts.spend(refresh)
    }
  }

  private async underLock(stale: string): Promise<StoredSession<User> | null> {
    const before = this.read()
    if (before === null) return null
    if (before.access !== stale && before.accessUntil - this.parts.now() > MARGIN) return before
    try {
      const after = await this.spend(before.refresh)
      // Signed out, or in as somebody else, while the answer was on its way: the new tokens are nobody's.
      if (this.read()?.refresh !== before.refresh) return this.read()
      this.write(after)
      this.renewed.emit(after)
      return after
    } catch (error) {
      if (!(error instanceof Problem) || (error.status !== 401 && error.status !== 403)) throw error
      if (this.read()?.refresh === before.refresh) this.clear()
      this.refused.emit()
      return null
    }
  }
}
