import { sleep } from '@/lib/signal'
import { uuid } from '@/lib/ids'

/** Runs `work` while no other tab runs work of the same name. */
export type Lock = <T>(name: string, work: () => Promise<T>) => Promise<T>

const LEASE = 30_000 // longer than the deadline of a refresh
const SETTLE = 40

/** A lock for pages without HTTPS, where `navigator.locks` is missing: a lease in the storage that all tabs see. */
export function storageLock(storage: Storage, pause: (ms: number) => Promise<void> = sleep): Lock {
  return async (name, work) => {
    const key = `${name}.lock`
    const owner = uuid()
    for (;;) {
      const [, until] = (storage.getItem(key) ?? '').split('|')
      if (!until || Number(until) < Date.now()) {
        storage.setItem(key, `${owner}|${Date.now() + LEASE}`)
        await pause(SETTLE)
        if (storage.getItem(key)?.startsWith(`${owner}|`)) break
      }
      await pause(SETTLE)
    }
    try {
      return await work()
    } finally {
      if (storage.getItem(key)?.startsWith(`${owner}|`)) storage.removeItem(key)
    }
  }
}

export function browserLock(): Lock {
  const { locks } = navigator as { locks?: LockManager }
  if (!locks) return storageLock(localStorage)
  return async <T>(name: string, work: () => Promise<T>) => (await locks.request(name, work)) as T
}
