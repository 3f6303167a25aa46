import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { Schema } from '@/api'
import { useUndo } from '@/composables/useUndo'
import { i18n } from '@/i18n'
import UserEditor from './UserEditor.vue'

const user = (id: string) => ({ id, full_name: `User ${id}`, email: `${id}@x.cn`, phone: null }) as unknown as Schema<'User'>
afterEach(() => vi.unstubAllGlobals())

it('changes what was edited only, takes only that back, and shows no problem of another account', async () => {
  let taken = true
  const sent: unknown[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    if (taken) return Response.json({ code: 'EMAIL_TAKEN' }, { status: 409, headers: { 'content-type': 'application/problem+json' } })
    sent.push(await request.json())
    return Response.json(user('b'))
  })
  const wrapper = mount(UserEditor, {
    props: { modelValue: true, user: user('a') },
    global: { plugins: [i18n], stubs: { ElDialog: { template: '<div><slot /></div>' } } },
  })
  const save = async (email: string) => {
    await wrapper.findAll('input')[1]!.setValue(email)
    await wrapper.find('form').trigger('submit')
    await flushPromises()
  }
  await save('b@x.cn')
  expect(wrapper.find('.is-error').exists()).toBe(true)
  await wrapper.setProps({ user: user('b') })
  expect(wrapper.find('.is-error').exists()).toBe(false)
  taken = false
  await save('')
  await useUndo().notices.value.at(-1)?.undo?.()
  expect(sent).toEqual([{ email: null }, { email: 'b@x.cn' }])
})
