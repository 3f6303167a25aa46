import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from 'vue'
import { asProblem, isAborted, type Problem } from '@/api/problem'
import { useComeback } from './useComeback'

/**
 * One read of the server: loads now and whenever `sources` change, breaks off what is outdated, and loads again by itself
 * what failed for a passing reason. While it reloads the old data stays.
 * `const { data, error, loading, reload } = useQuery((signal) => call(api.GET(path, { signal })), [() => props.id])`
 */
export function useQuery<T>(read: (signal: AbortSignal) => Promise<T>, sources: WatchSource[] = []) {
  const data = shallowRef<T>()
  const error = shallowRef<Problem>()
  const loading = ref(true)
  let running: AbortController | undefined

  async function reload(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const answer = await read(mine.signal)
      if (mine.signal.aborted) return
      data.value = answer
      error.value = undefined
    } catch (thrown) {
      if (mine.signal.aborted || isAborted(thrown)) return
      error.value = asProblem(thrown)
    } finally {
      if (running === mine) loading.value = false
    }
  }

  watch(sources, () => void reload(), { immediate: true })
  useComeback(error, reload)
  onScopeDispose(() => running?.abort())
  return { data, error, loading, reload }
}
