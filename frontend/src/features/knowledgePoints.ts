import { shallowRef } from 'vue'
import { api, call, type Schema } from '@/api'

type Point = Schema<'KnowledgePoint'>
const points = shallowRef<Point[]>([])
let loading: Promise<void> | undefined

/** The fixed taxonomy, read once for the life of the page. */
export function useKnowledgePoints() {
  loading ??= call(api.GET('/api/v1/ai/knowledge-points')).then(
    (page) => {
      points.value = page.items
    },
    () => {
      loading = undefined
    },
  )
  return points
}
