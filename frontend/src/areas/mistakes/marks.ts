import type { Schema } from '@/api'

type Edit = Schema<'Edit'>
export type Decision = 'open' | 'applied' | 'ignored'

/** A piece of a text; `edit` is the place of the edit that it belongs to. */
export interface Piece {
  text: string
  edit?: number
}
/** A piece of a text with the level of its word. */
export interface LevelledPiece {
  text: string
  level?: string
}

/** Cuts a text at its edits. Offsets count Unicode scalar values, not UTF-16 units. Overlapping edits are left out. */
export function pieces(text: string, edits: Edit[]): Piece[] {
  const letters = Array.from(text)
  const out: Piece[] = []
  let at = 0
  const ordered = edits.map((edit, place) => ({ edit, place })).sort((a, b) => a.edit.start - b.edit.start)
  for (const { edit, place } of ordered) {
    if (edit.start < at || edit.end > letters.length) continue
    if (edit.start > at) out.push({ text: letters.slice(at, edit.start).join('') })
    out.push({ text: letters.slice(edit.start, edit.end).join(''), edit: place })
    at = edit.end
  }
  if (at < letters.length) out.push({ text: letters.slice(at).join('') })
  return out
}

/** The text with the applied edits in it. */
export function applied(text: string, edits: Edit[], decisions: Decision[]): string {
  return pieces(text, edits)
    .map((piece) => (piece.edit !== undefined && decisions[piece.edit] === 'applied' ? edits[piece.edit]?.replacement : piece.text))
    .join('')
}

/** Cuts a text into its words with their levels and what stands between them. */
export function levelled(text: string, tokens: Schema<'LevelledToken'>[]): LevelledPiece[] {
  const letters = Array.from(text)
  const out: LevelledPiece[] = []
  let at = 0
  for (const token of tokens) {
    if (token.start < at) continue
    if (token.start > at) out.push({ text: letters.slice(at, token.start).join('') })
    out.push({ text: letters.slice(token.start, token.end).join(''), level: token.level })
    at = token.end
  }
  if (at < letters.length) out.push({ text: letters.slice(at).join('') })
  return out
}
