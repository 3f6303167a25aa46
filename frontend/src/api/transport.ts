import { sleep } from '@/lib/signal'
import { Problem } from './problem'
import { reachability } from './reachability'

/** What the transport needs to know of the session; set once by `src/session`. */
export interface Credentials {
  /** A token that is good for now, refreshed before it expires; null when nobody is signed in. */
  token(): Promise<string | null>
  /** Called when a token was refused; a better one, or null when there is none. */
  renew(refused: string): Promise<string | null>
}

let credentials: Credentials = { token: async () => null, renew: async () => null }

export function useCredentials(given: Credentials): void {
  credentials = given
}

export const DEADLINE = 20_000
const LONGEST_PATIENCE = 3
const WITHOUT_SESSION = /\/auth\/(login|refresh|register|registration-policy|password-resets)/

export interface SendOptions {
  /** Milliseconds until the call is given up; 0 for streams. */
  deadline?: number
  /** The deadline is for the answer to begin: its body, as of a large file, takes as long as it needs. */
  longBody?: boolean
}

async function once(request: Request, token: string | null, { deadline = DEADLINE, longBody }: SendOptions): Promise<Response> {
  const headers = new Headers(request.headers)
  if (token !== null) headers.set('authorization', `Bearer ${token}`)
  const timeout = new AbortController()
  const late = () => timeout.abort(new DOMException('no answer in time', 'TimeoutError'))
  const timer = deadline > 0 ? setTimeout(late, deadline) : undefined
  const signal = AbortSignal.any([request.signal, timeout.signal])
  try {
    const response = await fetch(new Request(request, { headers, signal }))
    if (longBody) clearTimeout(timer)
    return response
  } catch (error) {
    clearTimeout(timer)
    if (request.signal.aborted) throw error
    if (timeout.signal.aborted) {
      // One slow call, or nobody there? A connection that hangs looks the same.
      void reachability.check()
      throw Problem.timedOut()
    }
    reachability.lost()
    throw Problem.unreachable()
  }
}

/**
 * Sends a request with the token; throws a `Problem` for every answer outside 2xx. A refused token is renewed and the
 * request sent once more; what only reads is tried again when the server asks for a moment of patience.
 */
export async function send(request: Request, options: SendOptions = {}): Promise<Response> {
  const anonymous = WITHOUT_SESSION.test(new URL(request.url).pathname)
  const spare = [request.clone(), request.clone()]
  let token = anonymous ? null : await credentials.token()
  let response = await once(request, token, options)

  if (response.status === 401 && !anonymous && token !== null) {
    token = await credentials.renew(token)
    if (token !== null) response = await once(spare.shift()!, token, options)
  }
  if ((response.status === 503 || response.status === 429) && request.method === 'GET') {
    const wait = Number(response.headers.get('retry-after'))
    if (wait > 0 && wait <= LONGEST_PATIENCE) {
      await sleep(wait * 1_000)
      response = await once(spare.shift()!, token, options)
    }
  }
  if (response.ok) {
    reachability.answered()
    return response
  }
  const problem = await Problem.of(response)
  if (problem.unreachable) reachability.lost()
  else if (problem.status === 504) void reachability.check()
  else reachability.answered()
  throw problem
}

/** Waits for the body of an answer; throws a `Problem` when it breaks off. */
export async function received<T>(body: Promise<T>): Promise<T> {
  try {
    return await body
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') throw Problem.timedOut()
    // What the network breaks off has no type of its own.
    if (error instanceof TypeError) throw Problem.unreachable()
    throw error
  }
}
