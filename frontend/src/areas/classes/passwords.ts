import type { Schema } from '@/api'

/** A spreadsheet must not take a name for a formula. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
/** A password is written as it is, only quoted. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

/** First passwords as CSV that spreadsheet programs read as UTF-8. */
export function passwordsCsv(heading: [string, string, string, string], items: Schema<'FirstPassword'>[]): string {
  const lines = items.map((item) => [cell(item.student_no ?? ''), cell(item.full_name), cell(item.username), quoted(item.password)])
  return `\uFEFF${[heading.map(cell), ...lines].map((line) => line.join(',')).join('\r\n')}\r\n`
}
