import { expect, it } from 'vitest'
import { inSetup } from '@/testing'
import { useNewMistake } from './useNewMistake'

it('knows whether anything was written that would be lost', async () => {
  const { made, end } = await inSetup(() => useNewMistake({ needsPupil: true, pupil: 'a' }))
  const { form, touched, reset } = made
  expect(touched()).toBe(false)
  form.values.student_id = 'b'
  form.values.type = 'vocabulary'
  expect(touched()).toBe(false)
  for (const write of [
    () => (form.values.correct_answer = 'goes'),
    () => (form.values.options[2] = 'going'),
    () => (form.values.explanation = 'third person'),
  ]) {
    reset()
    expect(touched()).toBe(false)
    write()
    expect(touched()).toBe(true)
  }
  // What is kept for the next one was not written for it.
  reset({ stem: 'He ____ .', options: ['go', 'goes', '', ''], correct_answer: 'goes' })
  expect(touched()).toBe(false)
  form.values.wrong_answer = 'go'
  expect(touched()).toBe(true)
  end()
})
