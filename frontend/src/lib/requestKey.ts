import { uuid } from './ids'

/**
 * The idempotency key of a form: the same for every try of the same wish, so that after a lost answer nothing is made
 * twice; another one as soon as the wish changes or was granted.
 */
export function requestKey() {
  let last = { key: uuid(), body: '' }
  return {
    of(body: unknown): string {
      const written = JSON.stringify(body)
      if (last.body !== written) last = { key: uuid(), body: written }
      return last.key
    },
    granted(): void {
      last = { key: uuid(), body: '' }
    },
  }
}
