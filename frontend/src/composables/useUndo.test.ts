import { beforeEach, expect, it } from 'vitest'
import { useUndo } from './useUndo'

const { notices, say, dismiss } = useUndo()
const texts = () => notices.value.map((notice) => notice.text)
beforeEach(() => {
  for (const { id } of notices.value) dismiss(id)
})

it('says the same once, but never drops a way back for it', () => {
  say('saved')
  say('saved')
  expect(texts()).toEqual(['saved'])
  const undone: string[] = []
  say('deleted 1', { undo: () => void undone.push('first') })
  say('deleted 1', { undo: () => void undone.push('second') })
  for (const notice of notices.value) void notice.undo?.()
  expect(undone).toEqual(['first', 'second'])
})

it('lets go of what has no way back first when there are too many', () => {
  const undo = () => {}
  say('a', { undo })
  for (const text of ['b', 'c', 'd', 'e', 'f']) say(text)
  expect(texts()).toEqual(['a', 'd', 'e', 'f'])
})
