import { useI18n } from 'vue-i18n'
import * as format from '@/lib/format'

/** The formatters of `lib/format` in the user's language: `const { date, percent } = useFormat()`. */
export function useFormat() {
  const { locale } = useI18n()
  const own = () => locale.value as format.FormatLocale
  return {
    number: (value: number, digits?: number) => format.formatNumber(value, own(), digits),
    percent: (share: number | null | undefined) => format.formatPercent(share, own()),
    date: (moment: string | number | Date | null | undefined) => format.formatDate(moment, own()),
    time: (moment: string | number | Date | null | undefined) => format.formatTime(moment, own()),
    relative: (moment: string | number | Date | null | undefined) => format.formatRelative(moment, own()),
    /** As `relative`, in few letters: for dense tables. */
    brief: (moment: string | null | undefined) => format.formatRelative(moment, own(), Date.now(), 'narrow'),
    names: (all: string[]) => format.formatNames(all, own()),
    bytes: (size: number) => format.formatBytes(size, own()),
    /** The Chinese or the English one of two texts that the server sends together. */
    pick: (zh: string | null | undefined, en: string | null | undefined) => (own() === 'en' ? en || zh : zh || en) ?? '',
  }
}
