import { computed, onScopeDispose, ref, watch, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * One word of the page's state in the URL (`?days=90`), so that back, reload and a shared link show the same. What is none
 * of `known` counts as `otherwise`, which is not written.
 */
export function useUrlState<T extends string>(name: string, otherwise: T, known?: readonly T[]): WritableComputedRef<T> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get() {
      const word = route.query[name]
      if (typeof word !== 'string') return otherwise
      return known ? (known.find((one) => one === word) ?? otherwise) : (word as T)
    },
    set(word) {
      const query = { ...route.query }
      if (word === otherwise) delete query[name]
      else query[name] = word
      void router.replace({ query })
    },
  })
}

/** The same for what is typed: at once for the page, for the URL a moment after the last keystroke. */
export function useUrlText(name: string) {
  const route = useRoute()
  const path = route.path
  const written = useUrlState<string>(name, '')
  const typed = ref(written.value)
  let soon: ReturnType<typeof setTimeout> | undefined
  let last = written.value
  watch(written, (now) => {
    // Not what was written from here: meanwhile more may have been typed.
    if (route.path !== path || now === last) return
    last = now
    typed.value = now
  })
  watch(typed, (now) => {
    clearTimeout(soon)
    soon = setTimeout(() => {
      if (route.path !== path || now === written.value) return
      last = now
      written.value = now
    }, 300)
  })
  onScopeDispose(() => clearTimeout(soon))
  return typed
}
