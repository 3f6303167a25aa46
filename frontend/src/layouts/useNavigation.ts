import { computed, nextTick, useTemplateRef, watch } from 'vue'
import { useRoute } from 'vue-router'
import { navigationOf } from '@/router'
import { useSession } from '@/session'

/** The navigation entries of the user, and the focus on the page's main part after each change of page. */
export function useNavigation() {
  const session = useSession()
  const route = useRoute()
  const main = useTemplateRef<HTMLElement>('main')
  const entries = computed(() =>
    navigationOf(session.role).flatMap(({ name, path, meta }) =>
      meta?.nav ? [{ name: String(name), path: path.startsWith('/') ? path : `/${path}`, ...meta.nav }] : [],
    ),
  )
  /** A detail page belongs to the entry whose path its own begins with, the longest one. */
  const current = computed(
    () =>
      entries.value
        .filter(({ path }) => route.path === path || route.path.startsWith(`${path}/`))
        .sort((a, b) => b.path.length - a.path.length)[0]?.name,
  )
  watch(
    () => route.path,
    async () => {
      await nextTick()
      main.value?.focus({ preventScroll: true })
    },
  )
  return { entries, current }
}
