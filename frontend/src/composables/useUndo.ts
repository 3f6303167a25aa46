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
    notices.value = [...notices.value.filter((other) => other.text !== text), notice].slice(-3)
    return notice.id
  }
  return { notices, say, dismiss }
}
