import { ref, shallowRef } from 'vue'
import { api, call, type Schema } from '@/api'
import { asProblem, type Problem } from '@/api/problem'
import { useComeback } from '@/composables/useComeback'

const points = shallowRef<Schema<'KnowledgePoint'>[]>([])
const error = shallowRef<Problem>()
const loading = ref(false)
let known = false

async function load(): Promise<void> {
  if (known || loading.value) return
  loading.value = true
  try {
    points.value = (await call(api.GET('/api/v1/ai/knowledge-points'))).items
    error.value = undefined
    known = true
  } catch (thrown) {
    error.value = asProblem(thrown)
  } finally {
    loading.value = false
  }
}

/** The fixed taxonomy, read once for the life of the page. */
export function useKnowledgePoints() {
  useComeback(error, load)
  void load()
  return { points, error, loading, load }
}
