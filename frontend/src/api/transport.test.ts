import { afterEach, expect, it, vi } from 'vitest'
import { send, useCredentials } from './transport'

afterEach(() => vi.unstubAllGlobals())

it('sends a refused request once more with a renewed token, body and all', async () => {
  const seen: string[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    seen.push(`${request.headers.get('authorization')} ${await request.text()}`)
    return new Response('{}', { status: seen.length === 1 ? 401 : 200 })
  })
  const renew = vi.fn(async () => 'new')
  useCredentials({ token: async () => 'old', renew })
  await send(new Request('http://localhost/api/v1/mistakes', { method: 'POST', body: 'typed' }))
  expect(seen).toEqual(['Bearer old typed', 'Bearer new typed'])
  expect(renew).toHaveBeenCalledExactlyOnceWith('old')
})

it('gives up after the second refusal', async () => {
  const fetch = vi.fn(async () => new Response('{"code":"SESSION_ENDED"}', { status: 401, headers: { 'content-type': 'application/problem+json' } }))
  vi.stubGlobal('fetch', fetch)
  useCredentials({ token: async () => 'old', renew: async () => 'new' })
  await expect(send(new Request('http://localhost/api/v1/classes'))).rejects.toMatchObject({ status: 401, code: 'SESSION_ENDED' })
  expect(fetch).toHaveBeenCalledTimes(2)
})
