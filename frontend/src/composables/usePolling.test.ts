import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import { usePolling } from './usePolling'

describe('usePolling', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('looks while it runs, also after a failure, and no longer', async () => {
    const running = ref(false)
    const look = vi.fn<(signal: AbortSignal) => Promise<void>>().mockRejectedValueOnce(new Error('away')).mockResolvedValue()
    const scope = effectScope()
    scope.run(() => usePolling(() => running.value, look))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(look).not.toHaveBeenCalled()

    running.value = true
    await vi.advanceTimersByTimeAsync(3_000)
    expect(look).toHaveBeenCalledTimes(3)
    running.value = false
    await vi.advanceTimersByTimeAsync(5_000)
    expect(look).toHaveBeenCalledTimes(3)

    running.value = true
    await vi.advanceTimersByTimeAsync(1_000)
    scope.stop()
    expect(look.mock.lastCall?.[0].aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(look).toHaveBeenCalledTimes(4)
  })
})
