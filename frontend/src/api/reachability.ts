import { readonly, ref } from 'vue'
import { signal } from '@/lib/signal'
import { Problem } from './problem'

const PROBE = '/api/v1/auth/registration-policy'
const FIRST_WAIT = 1_000
const LONGEST_WAIT = 15_000

const reachable = ref(true)
/** When the next probe starts, for the count-down of the banner. */
const nextProbeAt = ref<number>()
const recovered = signal<void>()
let attempts = 0
let timer: ReturnType<typeof setTimeout> | undefined
let checking: Promise<boolean> | undefined

async function answers(): Promise<boolean> {
  try {
    const response = await fetch(PROBE, { cache: 'no-store', signal: AbortSignal.timeout(5_000) })
    return response.ok || !(await Problem.of(response)).unreachable
  } catch {
    return false
  }
}

async function probe(): Promise<void> {
  clearTimeout(timer)
  timer = undefined
  nextProbeAt.value = undefined
  if (await answers()) {
    reachable.value = true
    recovered.emit()
  } else plan()
}

function plan(): void {
  if (timer !== undefined) return
  const wait = Math.min(FIRST_WAIT * 2 ** attempts, LONGEST_WAIT)
  attempts += 1
  nextProbeAt.value = Date.now() + wait
  timer = setTimeout(() => void probe(), wait)
}

/** Whether the server answers. While it does not, it is asked again by itself, and lists load again once it is back. */
export const reachability = {
  reachable: readonly(reachable),
  nextProbeAt: readonly(nextProbeAt),
  onRecovered: recovered.on,
  /** A call got no answer. */
  lost(): void {
    reachable.value = false
    plan()
  },
  /** A call got an answer. */
  answered(): void {
    attempts = 0
    if (reachable.value) return
    clearTimeout(timer)
    timer = undefined
    nextProbeAt.value = undefined
    reachable.value = true
    recovered.emit()
  },
  /** Asks whether the server answers, once for all who want to know at the same time, and says what it found. */
  check(): Promise<boolean> {
    checking ??= answers().then((isThere) => {
      checking = undefined
      if (isThere) reachability.answered()
      else reachability.lost()
      return isThere
    })
    return checking
  },
  probeNow(): void {
    if (!reachable.value) void probe()
  },
}

if (typeof window !== 'undefined') window.addEventListener('online', () => reachability.probeNow())
