import { useI18n } from 'vue-i18n'
import { useFormat } from '@/composables/useFormat'
import { dueWords } from './days'

/** When something comes again, in words: `due('2026-11-27T…')` → "3 天后（11月27日）". */
export function useDue() {
  const { t } = useI18n()
  const { date } = useFormat()
  return (moment: string): string => {
    const { key, count } = dueWords(moment)
    return t(`student.due.${key}`, { count, date: date(moment) })
  }
}
