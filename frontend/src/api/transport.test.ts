import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { reachability } from './reachability'
import { received, send, useCredentials } from './transport'

const PROBLEM = { 'content-type': 'application/problem+json' }
const call = (deadline?: number) => send(new Request('http://localhost/api/v1/classes'), { deadline })
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
  const fetch = vi.fn(async () => new Response('{"code":"SESSION_ENDED"}', { status: 401, headers: PROBLEM }))
  vi.stubGlobal('fetch', fetch)
  useCredentials({ token: async () => 'old', renew: async () => 'new' })
  await expect(send(new Request('http://localhost/api/v1/classes'))).rejects.toMatchObject({ status: 401, code: 'SESSION_ENDED' })
  expect(fetch).toHaveBeenCalledTimes(2)
})

describe('a long answer', () => {
  const ask = (longBody: boolean) => send(new Request('http://localhost/api/v1/file'), { deadline: 10, longBody })
  beforeEach(() => {
    useCredentials({ token: async () => null, renew: async () => null })
    vi.stubGlobal('fetch', async ({ signal }: Request) => {
      const start = (body: ReadableStreamDefaultController<Uint8Array>) => {
        const timer = setTimeout(() => body.close(), 30)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          body.error(signal.reason)
        })
      }
      return new Response(new ReadableStream({ start }))
    })
  })

  it('is read to its end when only its beginning has a deadline', async () => {
    expect(await received((await ask(true)).text())).toBe('')
  })
  it('takes too long otherwise', async () => {
    await expect(received((await ask(false)).text())).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })
  it('that breaks off is one of a server that cannot be reached', async () => {
    await expect(received(Promise.reject(new TypeError('network error')))).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })
})

describe('a server that is away', () => {
  beforeEach(() => {
    useCredentials({ token: async () => 'good', renew: async () => null })
    reachability.answered()
  })
  afterEach(() => reachability.answered())
  const answering = (status: number, body: string, headers = PROBLEM) =>
    vi.stubGlobal('fetch', async () => new Response(body, { status, headers }))

  it('is one that gives no answer, or whose place a proxy takes', async () => {
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('refused')))
    await expect(call()).rejects.toMatchObject({ code: 'UNREACHABLE', unreachable: true })
    expect(reachability.reachable.value).toBe(false)
    reachability.answered()
    answering(503, '{"code":"GATEWAY_AWAY"}')
    await expect(call()).rejects.toMatchObject({ unreachable: true, passing: true })
    expect(reachability.reachable.value).toBe(false)
    reachability.answered()
    answering(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' })
    await expect(call()).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(reachability.reachable.value).toBe(false)
  })

  it('is not one whose gateway says that a part of it is away', async () => {
    answering(503, '{"code":"VECTORS_UNAVAILABLE"}')
    await expect(call()).rejects.toMatchObject({ code: 'VECTORS_UNAVAILABLE', unreachable: false, passing: true })
    expect(reachability.reachable.value).toBe(true)
  })

  it('is asked for after a call that took too long', async () => {
    let probe = async () => new Response('{}')
    vi.stubGlobal('fetch', async (asked: Request | string) => {
      if (typeof asked === 'string') return probe()
      return new Promise((_, reject) => asked.signal.addEventListener('abort', () => reject(asked.signal.reason as Error)))
    })
    await expect(call(5)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await reachability.check()
    expect(reachability.reachable.value).toBe(true)
    probe = async () => Promise.reject(new TypeError('hangs'))
    await expect(call(5)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await vi.waitFor(() => expect(reachability.reachable.value).toBe(false))
  })
})
