import { describe, expect, it } from 'vitest'
import { changesOf, emptyValues, merge, toWire } from './values'

const base = emptyValues({ stem: 'He ____ to school.', wrong_answer: 'go', correct_answer: 'goes', topic: '时态' })

describe('values of a mistake', () => {
  it('writes out answers by letter, and tells only what changed', () => {
    const choice = { ...base, options: ['go', 'goes', '', ''], wrong_answer: 'a', correct_answer: 'B' }
    expect(toWire(choice)).toMatchObject({
      question: 'He ____ to school.\nA. go   B. goes', wrong_answer: 'A. go', correct_answer: 'B. goes',
    })
    expect(changesOf(base, base)).toEqual({})
    expect(changesOf({ ...base, topic: '' }, base)).toEqual({ topic: '' })
  })
  it('lets changes of different fields stand together', () => {
    const { clashing, values } = merge({ ...base, wrong_answer: 'gone' }, base, { ...base, topic: '一般现在时' })
    expect(clashing).toEqual([])
    expect(values).toMatchObject({ wrong_answer: 'gone', topic: '一般现在时' })
  })
  it('finds the fields that both changed, and keeps mine in the form', () => {
    const { clashing, values } = merge({ ...base, stem: 'She ____ home.' }, base, { ...base, stem: 'They ____ home.' })
    expect(clashing).toEqual(['question'])
    expect(values.stem).toBe('She ____ home.')
    expect(merge({ ...base, topic: 'x' }, base, { ...base, topic: 'x' }).clashing).toEqual([])
  })
})
