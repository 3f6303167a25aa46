import { allPages, api, call } from '@/api'
import { useQuery } from '@/composables/useQuery'

/** The active classes that the caller may see, for choices. */
export function useClasses() {
  return useQuery((signal) =>
    allPages((cursor) => call(api.GET('/api/v1/classes', { params: { query: { limit: 100, cursor } }, signal }))),
  )
}
