import { expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { inSetup } from '@/testing'
import { useForm } from './useForm'

const refusal = (...fields: [string, string][]) =>
  new Problem(422, 'INVALID_FIELDS', 'wrong', fields.map(([field, code]) => ({ field, code, detail: `${field} is wrong` })))
const form = async () =>
  (
    await inSetup(() =>
      useForm(
        { name: '', pupils: [] as string[], from: '' },
        { name: 'required', pupils: (value, { name }) => (name === 'all' && value.length > 0 ? 'nobody' : undefined) },
        { aliases: { student_ids: 'pupils', 'options.topic': 'topic' }, parts: ['topic'], fieldOfCode: { CLASS_FULL: 'pupils' } },
      ),
    )
  ).made

it('sends nothing while its own rules are broken', async () => {
  const made = await form()
  const send = vi.fn()
  expect(await made.submit(send)).toBe(false)
  expect(made.errors.value).toEqual({ name: '必填' })
  made.set({ name: 'all', pupils: ['a'] })
  expect(await made.submit(send)).toBe(false)
  expect(made.errors.value).toEqual({ pupils: 'nobody' })
  expect(send).not.toHaveBeenCalled()
  made.set({ pupils: [] })
  expect(await made.submit(send)).toBe(true)
  expect(made.errors.value).toEqual({})
})

it('puts what the server says of a field at the field, also under another name, in a list, or inside of a value', async () => {
  const made = await form()
  made.set({ name: 'x' })
  await made.submit(() => Promise.reject(refusal(['name', 'TOO_LONG'], ['student_ids[3]', 'INVALID_ID'], ['options.topic', 'NO_WORDS_FOR_IT'])))
  expect(made.errors.value).toEqual({ name: '太长了', pupils: '编号不正确', topic: 'options.topic is wrong' })
  expect(made.problem.value).toBeUndefined()
})

it('keeps what no field shows for the form as a whole', async () => {
  const made = await form()
  made.set({ name: 'x' })
  await made.submit(() => Promise.reject(refusal(['name', 'TOO_LONG'], ['options.paper', 'INVALID_FIELD'])))
  expect(made.errors.value).toEqual({ name: '太长了' })
  expect(made.problem.value?.errors.map((error) => error.field)).toEqual(['options.paper'])
  await made.submit(() => Promise.reject(new Problem(409, 'CLASS_ARCHIVED', '')))
  expect(made.errors.value).toEqual({})
  expect(made.problem.value?.code).toBe('CLASS_ARCHIVED')
})

it('gives a problem as a whole to the field that it is about', async () => {
  const made = await form()
  made.set({ name: 'x' })
  await made.submit(() => Promise.reject(new Problem(409, 'CLASS_FULL', '')))
  expect(made.errors.value.pupils).toBe('班级人数已满。')
  expect(made.problem.value).toBeUndefined()
})

it('moves the focus to the first wrong field, and sends once for two presses', async () => {
  const made = await form()
  document.body.innerHTML = '<form><input id="a"><div class="is-error"><input id="b"></div><input id="c" aria-invalid="true"></form>'
  await made.submit(vi.fn(), document.querySelector('form'))
  expect(document.activeElement?.id).toBe('b')
  made.set({ name: 'x' })
  let finish = () => {}
  const send = vi.fn(() => new Promise<void>((done) => (finish = done)))
  const first = made.submit(send)
  expect(await made.submit(send)).toBe(false)
  finish()
  expect(await first).toBe(true)
  expect(send).toHaveBeenCalledOnce()
})
