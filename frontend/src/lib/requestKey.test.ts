import { expect, it } from 'vitest'
import { requestKey } from './requestKey'

it('keeps the key of a wish until it changes or was granted', () => {
  const key = requestKey()
  const first = key.of({ uses: 1 })
  expect(key.of({ uses: 1 })).toBe(first)
  const second = key.of({ uses: 2 })
  expect(second).not.toBe(first)
  key.granted()
  expect(key.of({ uses: 2 })).not.toBe(second)
})
