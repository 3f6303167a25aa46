import { flushPromises } from '@vue/test-utils'
import { effectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { reachability } from '@/api/reachability'
import { useReview } from './useReview'

const question = (id: string) => ({ id, question: `Question ${id}`, type: 'grammar' })
let due = [question('a'), question('b')]
let away = false
let refuse: { status: number; code: string } | undefined
const sent: { path: string; body: Record<string, unknown> }[] = []
const answer = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': status === 200 ? 'application/json' : 'application/problem+json' } })

beforeEach(() => {
  due = [question('a'), question('b')]
  away = false
  refuse = undefined
  sent.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    const path = new URL(request.url).pathname
    if (away) throw new TypeError('away')
    if (request.method === 'GET') return answer({ items: due, done_today: 2 - due.length, due_today: due.length, planned_today: 2, correct_today: 0, overdue: due.length, next_due_at: null })
    sent.push({ path, body: (await request.json()) as Record<string, unknown> })
    if (refuse) return answer({ code: refuse.code }, refuse.status)
    due = due.slice(1)
    return answer({ correct: true, rating: 'good', remaining_today: due.length, again_today: false, next_due_at: '2026-11-27T00:00:00Z', mistake: question('a') })
  })
})
afterEach(() => vi.unstubAllGlobals())

async function begin() {
  const scope = effectScope()
  const review = scope.run(() => useReview())!
  await vi.waitFor(() => expect(review.loading.value).toBe(false))
  return { review, scope }
}

describe('a review session', () => {
  it('goes from question to answer to the next one, by the figures of the server', async () => {
    const { review, scope } = await begin()
    expect(review.progress.value).toEqual({ done: 0, total: 2 })
    await review.answer({ answer: 'goes' })
    expect(sent[0]).toMatchObject({ path: '/api/v1/reviews/a/answers', body: { answer: 'goes' } })
    expect(review.progress.value).toEqual({ done: 1, total: 2 })
    await review.next()
    expect(review.current.value?.id).toBe('b')
    expect(review.result.value).toBeUndefined()
    scope.stop()
  })
  it('sends an answer that got lost again under the same id', async () => {
    const { review, scope } = await begin()
    refuse = { status: 500, code: 'INTERNAL' }
    await review.answer({ rating: 'good' })
    expect(review.problem.value?.code).toBe('INTERNAL')
    refuse = undefined
    await review.answer({ rating: 'good' })
    expect(sent[0]?.body.id).toBe(sent[1]?.body.id)
    expect(review.sitting.value).toEqual({ answered: 1, correct: 1 })
    scope.stop()
  })
  it('keeps the explanation when a look for news comes back after the answer', async () => {
    const { review, scope } = await begin()
    const late = review.refresh()
    await review.answer({ answer: 'goes' })
    await late
    expect(review.result.value?.correct).toBe(true)
    expect(review.current.value?.id).toBe('a')
    scope.stop()
  })
  it('keeps the explanation when the server that was away comes back with the answer', async () => {
    const { review, scope } = await begin()
    away = true
    await review.refresh()
    expect(review.error.value?.passing).toBe(true)
    away = false
    await review.answer({ answer: 'goes' })
    await flushPromises()
    reachability.lost()
    reachability.answered()
    await flushPromises()
    expect(review.result.value?.correct).toBe(true)
    expect(review.current.value?.id).toBe('a')
    await review.next()
    expect(review.error.value).toBeUndefined()
    expect(review.current.value?.id).toBe('b')
    scope.stop()
  })
  it('goes on with what is left when a question was taken away', async () => {
    const { review, scope } = await begin()
    refuse = { status: 404, code: 'MISTAKE_NOT_FOUND' }
    due = [question('b')]
    await review.answer({ answer: 'goes' })
    expect(review.current.value?.id).toBe('b')
    expect(review.problem.value?.code).toBe('MISTAKE_NOT_FOUND')
    scope.stop()
  })
})
