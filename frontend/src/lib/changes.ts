/**
 * What of a form differs from what it was filled with, as the API takes it: trimmed, and null for nothing. All else may have
 * been changed by others meanwhile and stays.
 */
export function changes<T extends Record<string, string>>(filled: T, now: T): { [K in keyof T]?: string | null } {
  const changed = Object.entries(now).filter(([name, value]) => value !== filled[name])
  return Object.fromEntries(changed.map(([name, value]) => [name, value.trim() || null])) as { [K in keyof T]?: string | null }
}
