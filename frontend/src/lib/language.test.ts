import { expect, it } from 'vitest'
import { languageOf } from './language'

it('tells a Chinese explanation from an English one, whatever it quotes', () => {
  expect(languageOf('主语是第三人称单数，go 要变成 goes。')).toBe('zh-CN')
  expect(languageOf('The subject is singular: “goes”.')).toBe('en')
})
