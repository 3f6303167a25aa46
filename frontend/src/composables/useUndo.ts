import { shallowRef } from 'vue'

export interface Notice {
  id: number
  text: string
  kind: 'done' | 'problem'
  /** Takes the action back; the toast then offers it. */
  undo?: () => Promise<void> | void
}

const notices = shallowRef<Notice[]>([])
let last = 0
const MOST = 4

/** The latest `most`; what offers a way back leaves last. */
function fitting(all: Notice[], most: number): Notice[] {
  const byWorth = [...all.filter((notice) => !notice.undo), ...all.filter((notice) => notice.undo)]
  const leaving = new Set(byWorth.slice(0, Math.max(0, all.length - most)))
  return all.filter((notice) => !leaving.has(notice))
}

/**
 * Short notices at the foot of the page, read out by screen readers.
 * `say(t('mistakes.deleted'), { undo: () => restore(id) })`: do the action at once, offer the way back.
 */
export function useUndo() {
  function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }
  function say(text: string, options: { kind?: Notice['kind']; undo?: Notice['undo'] } = {}): number {
    const notice: Notice = { id: ++last, text, kind: options.kind ?? 'done', undo: options.undo }
    // Said again: once is enough. But two actions in the same words have two ways back.
    const others = notices.value.filter((other) => other.undo !== undefined || other.text !== text)
    notices.value = [...fitting(others, MOST - 1), notice]
    return notice.id
  }
  return { notices, say, dismiss }
}
