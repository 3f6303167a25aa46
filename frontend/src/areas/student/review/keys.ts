/** The key in small letters, or nothing where typing, a control or a dialog should have it. */
export function pressed(event: KeyboardEvent): string | undefined {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return undefined
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest('textarea, select, [contenteditable], [role="dialog"], input:not([type="radio"])')) return undefined
  const key = event.key.toLowerCase()
  if (key === 'enter' && target?.closest('a, button, summary')) return undefined
  return key
}
