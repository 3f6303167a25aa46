const name = (mistake: string) => `ai-english.review.${mistake}`

/** What was begun to write for a question, kept in this tab until it has been answered. */
export function readDraft(mistake: string): string {
  return sessionStorage.getItem(name(mistake)) ?? ''
}

export function keepDraft(mistake: string, text: string): void {
  if (text === '') sessionStorage.removeItem(name(mistake))
  else sessionStorage.setItem(name(mistake), text)
}
