import { describe, expect, it } from 'vitest'
import { fullAnswer, joinQuestion, splitQuestion } from './question'

describe('questions', () => {
  it('takes one row of options apart', () => {
    expect(splitQuestion('He ____ to school by bus.\nA. go  B. goes  C. going  D. gone')).toEqual({
      stem: 'He ____ to school by bus.',
      options: ['go', 'goes', 'going', 'gone'],
    })
    expect(splitQuestion('— Which?\n— ____ .\nA．I don’t mind\nB．I’m sure').options).toEqual(['I don’t mind', 'I’m sure'])
  })
  it('leaves passages with several rows, and questions without options, alone', () => {
    const cloze = 'He had him take a 36 in.\n36. A. breath B. test\n37. A. persuading B. promising'
    expect(splitQuestion(cloze)).toEqual({ stem: cloze, options: [] })
    expect(splitQuestion('A. Smith is here. B').options).toEqual([])
    expect(splitQuestion('  She ____ (go) home.  ')).toEqual({ stem: 'She ____ (go) home.', options: [] })
  })
  it('puts them together so that they come apart the same way', () => {
    const short = { stem: 'Choose.', options: ['go', 'goes', 'going', 'gone'] }
    expect(joinQuestion(short)).toBe('Choose.\nA. go   B. goes   C. going   D. gone')
    expect(splitQuestion(joinQuestion(short))).toEqual(short)
    const long = { stem: 'Choose.', options: ['a'.repeat(40), 'b'.repeat(40)] }
    expect(joinQuestion(long).split('\n')).toHaveLength(3)
    expect(splitQuestion(joinQuestion(long))).toEqual(long)
    expect(joinQuestion({ stem: ' Write. ', options: ['', '', '', ''] })).toBe('Write.')
  })
  it('writes out an answer that names a letter', () => {
    expect(fullAnswer('b', ['go', 'goes'])).toBe('B. goes')
    expect(fullAnswer(' C. ', ['go', 'goes'])).toBe('C.')
    expect(fullAnswer('a', [])).toBe('a')
    expect(fullAnswer(' went ', ['go', 'goes'])).toBe('went')
  })
})
