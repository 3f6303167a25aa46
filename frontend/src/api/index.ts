import createClient from 'openapi-fetch'
import { uuid } from '@/lib/ids'
import type { components, paths } from './schema'
import { received, send } from './transport'

export { Problem, asProblem, isAborted } from './problem'
export type { FieldProblem } from './problem'

/** Types of the API by the names of the OpenAPI document: `Schema<'Mistake'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

/** The typed client. Wrap calls in `call`, which gives the body and throws a `Problem`. */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  fetch: (request) => send(request),
  // Lists in the query are separated by commas: `statuses=pending,reviewing`.
  querySerializer: { array: { style: 'form', explode: false } },
})

/** Option of one call: another deadline, as in `api.POST(path, { body, fetch: within(60_000) })`. */
export function within(deadline: number): (request: Request) => Promise<Response> {
  return (request) => send(request, { deadline })
}

/** The body of an answer: `const page = await call(api.GET('/api/v1/classes'))`. */
export async function call<T>(answer: Promise<{ data?: T; response: Response }>): Promise<T> {
  return (await received(answer)).data as T
}

/**
 * Header of one user action that creates something: make it once when the action starts, send it with every try of it.
 * `api.POST(path, { params: { header: idempotent() }, body })`
 */
export function idempotent(key: string = uuid()): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': key }
}

/** Reads all pages of a list; only for lists that are short by nature. */
export async function allPages<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; next_cursor?: string | null }>,
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const answer = await page(cursor)
    items.push(...answer.items)
    cursor = answer.next_cursor ?? undefined
  } while (cursor !== undefined)
  return items
}
