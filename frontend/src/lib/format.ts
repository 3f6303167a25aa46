/** Dates, figures and shares for people, in the language given; all through Intl. */
export type FormatLocale = 'zh-CN' | 'en'
type Moment = string | number | Date | null | undefined

const NOTHING = '–'
const MINUTE = 60
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3_600], ['minute', MINUTE]]

export function formatNumber(value: number, locale: FormatLocale, digits = 0): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)
}

/** 0.4235 → 42%. */
export function formatPercent(share: number | null | undefined, locale: FormatLocale): string {
  if (share === null || share === undefined) return NOTHING
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share)
}

function dateOf(moment: Moment): Date | undefined {
  if (moment === null || moment === undefined || moment === '') return undefined
  // A day without time is that day here, not midnight in Greenwich.
  const date = typeof moment === 'string' && /^\d{4}-\d\d-\d\d$/.test(moment) ? new Date(`${moment}T00:00:00`) : new Date(moment)
  return Number.isNaN(date.getTime()) ? undefined : date
}

export function formatDate(moment: Moment, locale: FormatLocale): string {
  const date = dateOf(moment)
  return date ? new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(date) : NOTHING
}

export function formatTime(moment: Moment, locale: FormatLocale): string {
  const date = dateOf(moment)
  return date ? new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(date) : NOTHING
}

/** "3 分钟前", "in 2 days"; from two weeks on the date. `style` is narrow where there is little room. */
export function formatRelative(moment: Moment, locale: FormatLocale, now: number = Date.now(), style: Intl.RelativeTimeFormatStyle = 'long'): string {
  const date = dateOf(moment)
  if (!date) return NOTHING
  const seconds = (date.getTime() - now) / 1_000
  if (Math.abs(seconds) > 14 * 86_400) return formatDate(date, locale)
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style })
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ['minute', MINUTE]
  return relative.format(Math.trunc(seconds / size), unit)
}

/** 语法和词汇, "grammar and vocabulary". */
export function formatNames(names: string[], locale: FormatLocale): string {
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(names)
}

/** 10485760 → 10 MB. */
export function formatBytes(bytes: number, locale: FormatLocale): string {
  const units = ['B', 'kB', 'MB', 'GB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1_024)))
  return `${formatNumber(bytes / 1_024 ** power, locale, power > 1 ? 1 : 0)} ${units[power]}`
}

/** YYYY-MM-DD of a date in this browser's zone, as the API takes days. */
export function toDay(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
