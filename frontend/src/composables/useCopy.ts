import { useI18n } from 'vue-i18n'
import { useUndo } from './useUndo'

/** Puts a text into the clipboard and says so; without HTTPS by the old way, as browsers then allow no other. */
export function useCopy() {
  const { t } = useI18n()
  const { say } = useUndo()
  async function copy(text: string): Promise<void> {
    const done = await (navigator.clipboard ? navigator.clipboard.writeText(text).then(() => true, () => byHand(text)) : byHand(text))
    if (done) say(t('common.action.copied'))
    else say(t('common.state.copyFailed'), { kind: 'problem' })
  }
  return { copy }
}

function byHand(text: string): boolean {
  const before = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  // Inside an open dialog, which keeps the focus to itself.
  const place = before?.closest('[role="dialog"]') ?? document.body
  place.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return done
}
