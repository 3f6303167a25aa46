import type { Schema } from '@/api'

export type NewUser = Schema<'NewUser'>
export type Role = Schema<'Role'>
const ROLES: Record<string, Role> = { student: 'student', teacher: 'teacher', admin: 'admin', 学生: 'student', 教师: 'teacher', 老师: 'teacher', 管理员: 'admin' }
/** How tables head the columns of names and usernames. */
const NAMES = ['姓名', '名字', 'name', 'full name']
const USERNAMES = ['用户名', '账号', '帐号', '登录名', 'username', 'user name', 'account']
const isHeading = (name: string, username: string) => NAMES.includes(name.toLowerCase()) && USERNAMES.includes(username.toLowerCase())
const isAddress = (cell: string) => /^[^@\s]+@[^@\s]+$/.test(cell)

/**
 * Accounts from pasted lines "name, username, role, e-mail", as they come out of a spreadsheet: separated by tab, comma
 * or Chinese comma; role and e-mail may be missing, a row of headings is passed over. Lines that lack a name or username, or
 * say something that is neither a role nor an address, are named by their number.
 */
export function readPeople(text: string, otherwise: Role): { users: NewUser[]; wrong: number[] } {
  const users: NewUser[] = []
  const wrong: number[] = []
  text.split(/\r?\n/).forEach((line, place) => {
    if (line.trim() === '') return
    const [full_name = '', username = '', ...rest] = line.split(/\t|,|，/).map((cell) => cell.trim())
    if (isHeading(full_name, username)) return
    const roles = rest.map((cell) => ROLES[cell.toLowerCase()])
    const known = rest.every((cell, column) => cell === '' || roles[column] !== undefined || isAddress(cell))
    const role = roles.find((found) => found !== undefined) ?? otherwise
    if (full_name === '' || username === '' || !known) wrong.push(place + 1)
    else users.push({ full_name, username, role, email: rest.find(isAddress) ?? null })
  })
  return { users, wrong }
}

/** First passwords as a table that spreadsheets open: with a mark of its encoding, quoted, and no cell that is a formula. */
export function passwordsAsCsv(created: Schema<'CreatedUser'>[], heads: string[]): string {
  const cell = (value: string) => `"${(/^[=+\-@\t]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`
  const rows = created.map(({ user, password }) => [user.full_name, user.username, password ?? ''])
  return `\uFEFF${[heads, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}
