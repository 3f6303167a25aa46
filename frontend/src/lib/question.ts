/** A question in two parts: what is asked, and the texts of its options A, B, C … */
export interface QuestionParts {
  stem: string
  options: string[]
}

const MARK = /(^|\s)([A-H])\s?[.．、)）:：]\s*/g
const MOST_OPTIONS = 8

/**
 * Takes the options out of a question when it has exactly one row of them at its end. A passage with several rows (a
 * cloze) stays as it is.
 */
export function splitQuestion(text: string): QuestionParts {
  const whole = { stem: text.trim(), options: [] }
  const marks = [...text.matchAll(MARK)]
  const first = marks.findIndex((mark) => mark[2] === 'A')
  if (first < 0) return whole
  const row = marks.slice(first)
  const inOrder = row.every((mark, place) => mark[2]?.charCodeAt(0) === 65 + place)
  if (!inOrder || row.length < 2 || row.length > MOST_OPTIONS) return whole
  const options = row.map((mark, place) => {
    const from = mark.index + mark[0].length
    return text.slice(from, row[place + 1]?.index ?? text.length).replace(/\s+/g, ' ').trim()
  })
  const stem = text.slice(0, row[0]?.index).trim()
  return stem === '' || options.some((option) => option === '') ? whole : { stem, options }
}

/** The question as it is kept: options on one line when they are short, else each on its own. */
export function joinQuestion({ stem, options }: QuestionParts): string {
  const last = options.findLastIndex((option) => option.trim() !== '')
  const marked = options.slice(0, last + 1).map((option, place) => `${letterOf(place)}. ${option.trim()}`)
  if (marked.length === 0) return stem.trim()
  const short = marked.join('   ')
  return `${stem.trim()}\n${short.length <= 72 ? short : marked.join('\n')}`
}

export function letterOf(place: number): string {
  return String.fromCharCode(65 + place)
}

/** "b" → "B. goes" where the options have a B; any other answer stays as it was written. */
export function fullAnswer(answer: string, options: string[]): string {
  const letter = /^\s*([A-Ha-h])\s*[.．、)）]?\s*$/.exec(answer)?.[1]?.toUpperCase()
  const option = letter ? options[letter.charCodeAt(0) - 65]?.trim() : undefined
  return option ? `${letter}. ${option}` : answer.trim()
}
