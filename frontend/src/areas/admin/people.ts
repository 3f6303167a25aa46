import type { Schema } from '@/api'

export type NewUser = Schema<'NewUser'>
export type Role = Schema<'Role'>
const ROLES: Record<string, Role> = { student: 'student', teacher: 'teacher', admin: 'admin', 学生: 'student', 教师: 'teacher', 老师: 'teacher', 管理员: 'admin' }

/**
 * Accounts from pasted lines "name, username, role, e-mail", as they come out of a spreadsheet: separated by tab, comma
 * or Chinese comma; role and e-mail may be missing. Lines that lack a name or username are named by their number.
 */
export function readPeople(text: string, otherwise: Role): { users: NewUser[]; wrong: number[] } {
  const users: NewUser[] = []
  const wrong: number[] = []
  text.split(/\r?\n/).forEach((line, place) => {
    if (line.trim() === '') return
    const [full_name = '', username = '', ...rest] = line.split(/\t|,|，/).map((cell) => cell.trim())
    const role = rest.map((cell) => ROLES[cell.toLowerCase()]).find((found) => found !== undefined) ?? otherwise
    const email = rest.find((cell) => cell.includes('@')) ?? null
    if (full_name === '' || username === '') wrong.push(place + 1)
    else users.push({ full_name, username, role, email })
  })
  return { users, wrong }
}

/** First passwords as a table that spreadsheets open: with a mark of its encoding, quoted, and no cell that is a formula. */
export function passwordsAsCsv(created: Schema<'CreatedUser'>[], heads: string[]): string {
  const cell = (value: string) => `"${(/^[=+\-@\t]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`
  const rows = created.map(({ user, password }) => [user.full_name, user.username, password ?? ''])
  return `\uFEFF${[heads, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}
