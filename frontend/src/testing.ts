import { flushPromises, mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { i18n } from '@/i18n'

/** Runs `setup` inside of a component, on a page with this address; `end` takes the component away. */
export async function inSetup<T>(setup: () => T, address = '/page'): Promise<{ made: T; router: Router; end: () => void }> {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:page', component: { template: '' } }] })
  await router.push(address)
  let made: T | undefined
  const component = {
    setup() {
      made = setup()
      return () => null
    },
  }
  const wrapper = mount(component, { global: { plugins: [router, i18n] } })
  await flushPromises()
  return { made: made as T, router, end: () => wrapper.unmount() }
}
