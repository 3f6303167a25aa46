import { expect, it } from 'vitest'
import { changes } from './changes'

it('takes what was changed, and nothing else', () => {
  const filled = { full_name: '李雷', email: 'l@x.cn', phone: '' }
  expect(changes(filled, { ...filled })).toEqual({})
  expect(changes(filled, { full_name: '李雷', email: ' ', phone: ' 138 ' })).toEqual({ email: null, phone: '138' })
})
