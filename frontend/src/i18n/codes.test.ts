import { describe, expect, it } from 'vitest'
import en from './en/common'
import zh from './zh-CN/common'

/** The sources of everything that answers, without what refuses a wrong configuration, and without tests. */
const files = import.meta.glob<string>(
  ['../../../*-svc/src/**/*.rs', '../../../{gateway,kit}/src/**/*.rs', '!**/{config,testing,tests}.rs', '!**/{config,tests}/**'],
  { query: '?raw', import: 'default', eager: true },
)
const sources = Object.values(files).map((text) => text.split('#[cfg(test)]')[0] ?? '')
/** What only other programs and whoever starts a process meet, and what the gateway turns into INTERNAL. */
const UNSEEN = [
  'BODY_INCOMPLETE', 'BODY_NOT_JSON', 'CALLER_INVALID', 'CALLER_REQUIRED', 'CERTIFICATE_REQUIRED', 'FORM', 'INVALID_PATH', 'LAST_NOT_USER', 'NOT_ACCEPTABLE', 'NOT_BOTH', 'NO_DESCRIPTION', 'OTHER_ORGANIZATION',
  'RANGE_NOT_SATISFIABLE', 'SMTP_URL', 'STOPPING', 'UNKNOWN_ORIGIN', 'WEBSOCKET_HANDSHAKE', 'WEBSOCKET_REQUIRED',
]

/** What stands between the bracket at `from` and the one that closes it. */
function inside(text: string, from: number): string {
  const [open, close] = text[from] === '(' ? ['(', ')'] : ['{', '}']
  let depth = 0
  for (let place = from; place < text.length; place += 1) {
    if (text[place] === open) depth += 1
    if (text[place] === close) depth -= 1
    if (depth === 0) return text.slice(from + 1, place)
  }
  return ''
}

/** Every code in the brackets that `before` ends with. */
function codes(before: RegExp): string[] {
  const found = sources.flatMap((text) =>
    [...text.matchAll(before)].flatMap((match) => [...inside(text, match.index + match[0].length - 1).matchAll(/"([A-Z][A-Z_]{2,})"/g)]),
  )
  return [...new Set(found.map(([, code]) => code ?? ''))].filter((code) => !UNSEEN.includes(code)).sort()
}

describe.each([['zh-CN', zh], ['en', en]] as const)('a code of the server has words in %s', (_locale, texts) => {
  it('when it says what is wrong with a field', () => {
    const known = codes(/(Invalid::one|Problem::field|\.with_error|\.refuse|\.require|fn violations[^{]*|Violation |Problem::new(?=\(\s*"))[({]/g)
    expect(known).toEqual(expect.arrayContaining(['TOO_WEAK', 'TAKEN', 'AMBIGUOUS', 'WRONG']))
    expect(known.filter((code) => !(code in texts.field))).toEqual([])
  })
  it('when it says why a call did not work', () => {
    const known = codes(/(fn reason[^{]*|Problem::(new(?!\(\s*")|unauthenticated|unavailable)|\brefuse(?=\(\s*Kind))[({]/g)
    expect(known).toEqual(expect.arrayContaining(['MISTAKE_NOT_FOUND', 'BUSY', 'RATE_LIMITED', 'INVALID_FIELDS']))
    expect(known.filter((code) => !(code in texts.problem))).toEqual([])
  })
})
