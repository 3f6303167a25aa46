import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { i18n } from '@/i18n'
import CheckText from './CheckText.vue'

afterEach(() => vi.unstubAllGlobals())

/** A text whose check goes on until `answer` is called. */
async function checking() {
  let answer = () => {}
  const edits = [{ start: 3, end: 5, original: 'go', replacement: 'goes', explanation_en: '', explanation_zh: '' }]
  vi.stubGlobal('fetch', () => new Promise<Response>((go) => (answer = () => go(Response.json({ edits, origin: { source: 'rules' } })))))
  const wrapper = mount(CheckText, { props: { modelValue: 'He go.' }, global: { plugins: [i18n] } })
  await wrapper.find('form').trigger('submit')
  await flushPromises()
  return {
    wrapper,
    answer: async () => {
      answer()
      await flushPromises()
    },
  }
}

it('lets nobody write while the text is being checked', async () => {
  const { wrapper, answer } = await checking()
  expect(wrapper.find('textarea').element.readOnly).toBe(true)
  await answer()
  expect(wrapper.find('textarea').element.readOnly).toBe(false)
  expect(wrapper.findAll('.mark')).toHaveLength(1)
})

it('shows no marks of a text that the other tool has changed meanwhile', async () => {
  const { wrapper, answer } = await checking()
  await wrapper.setProps({ modelValue: 'He go. They came.' })
  await answer()
  expect(wrapper.findAll('.mark')).toHaveLength(0)
  expect(wrapper.find('textarea').element.value).toBe('He go. They came.')
})
