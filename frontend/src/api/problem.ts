/** One wrong field of a request. */
export interface FieldProblem {
  field: string
  code: string
  detail: string
}

interface ProblemBody {
  status?: number
  code?: string
  title?: string
  detail?: string
  request_id?: string
  errors?: FieldProblem[]
}

/** `GATEWAY_AWAY` is what nginx says when it finds no gateway. */
const AWAY = new Set(['UNREACHABLE', 'TIMED_OUT', 'GATEWAY_AWAY'])

/** Why a call did not work: what the server said, or that it could not be reached. */
export class Problem extends Error {
  override readonly name = 'Problem'

  constructor(
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    /** Stable code: `WRONG_PASSWORD`; `UNREACHABLE`, `TIMED_OUT` and `UNREADABLE` are the client's own. */
    readonly code: string,
    readonly detail: string,
    readonly errors: FieldProblem[] = [],
    readonly requestId?: string,
    /** Seconds to wait before trying again. */
    readonly retryAfter?: number,
  ) {
    super(detail || code)
  }

  /** Nobody answered, or a proxy in the place of the gateway. */
  get unreachable(): boolean {
    return AWAY.has(this.code)
  }

  /** Trying again later may help; and the answer may have been lost although the work was done. */
  get passing(): boolean {
    return this.unreachable || this.status === 502 || this.status === 503 || this.status === 504
  }

  static unreachable(): Problem {
    return new Problem(0, 'UNREACHABLE', '')
  }

  static timedOut(): Problem {
    return new Problem(0, 'TIMED_OUT', '')
  }

  static async of(response: Response): Promise<Problem> {
    const wait = Number(response.headers.get('retry-after'))
    const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : undefined
    let body: ProblemBody = {}
    if (response.headers.get('content-type')?.includes('json')) {
      body = ((await response.json().catch(() => ({}))) ?? {}) as ProblemBody
    }
    // The gateway gives every problem a code: without one it was not the gateway that answered.
    const code = body.code ?? (response.status >= 500 ? 'UNREACHABLE' : 'UNREADABLE')
    return new Problem(response.status, code, body.detail ?? body.title ?? '', body.errors ?? [], body.request_id, retryAfter)
  }
}

/** The problem behind anything thrown; what is no problem is a mistake in this program and is named as such. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  return new Problem(-1, 'UNEXPECTED', thrown instanceof Error ? thrown.message : String(thrown))
}

/** True when the caller itself broke the call off. */
export function isAborted(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError'
}
