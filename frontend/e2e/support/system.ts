import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** The running system: its address, its API, and parts that go away. */
function variable(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run \`make test\`, which starts the system`)
  return value
}

export const base = variable('SYSTEM_URL')
export const password = 'Passw0rd2026'
const east = Number(variable('SCHOOL_UTC_OFFSET_HOURS'))
/** The zone of school and visitors; names of these zones count westwards. */
export const zone = `Etc/GMT${east > 0 ? '-' : '+'}${String(Math.abs(east))}`

/** Asks for the gateway to stop or to start, and waits until that is done. */
export async function gateway(wish: 'stop' | 'start'): Promise<void> {
  const letter = join(variable('MAILBOX'), wish)
  writeFileSync(letter, '')
  for (let tries = 0; existsSync(letter); tries += 1) {
    if (tries > 400) throw new Error(`the gateway did not ${wish}`)
    await pause(100)
  }
}

export interface Account {
  username: string
  token: string
  id: string
}

/** Calls the API as `account`; fails with what the server said. */
export async function api<T = Record<string, string>>(account: Account | undefined, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(account ? { authorization: `Bearer ${account.token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

interface SignedIn {
  access_token: string
  user: { id: string }
}

async function register(username: string, fullName: string, role: string, more: Record<string, string>): Promise<Account> {
  const body = { username, email: `${username}@example.org`, password, full_name: fullName, role, ...more }
  const session = await api<SignedIn>(undefined, 'POST', '/auth/register', body)
  return { username, token: session.access_token, id: session.user.id }
}

export interface School {
  name: string
  admin: Account
  teacher: Account
}

/** Somebody who founds a school and is alone there. */
export async function founder(name: string): Promise<Account> {
  return register(`${name}_admin`, '王校长', 'teacher', { organization_name: `${name} 中学` })
}

/** Founds a school for one story; its names occur nowhere else. */
export async function found(story: string): Promise<School> {
  const name = `${story}${String(Date.now() % 1_000_000)}`
  const admin = await founder(name)
  const teacher = await invite(admin, `${name}_teacher`, '李老师', 'teacher')
  return { name: `${name} 中学`, admin, teacher }
}

/** Lets somebody join the school of `admin`. */
export async function invite(admin: Account, username: string, fullName: string, role: 'teacher' | 'student'): Promise<Account> {
  const { code } = await api(admin, 'POST', '/organizations/current/invitations', { role, max_uses: 1 })
  return register(username, fullName, role, { invitation_code: code ?? '' })
}

/** Creates a class of `teacher`. */
export async function createClass(teacher: Account, name: string): Promise<{ id: string; join_code: string }> {
  return api(teacher, 'POST', '/classes', { name, grade: '高二', semester: '2026-2027-1' })
}

/** Records a mistake of `student`, which is due at once. */
export async function addMistake(by: Account, student: string, question: string, wrong: string, right: string): Promise<{ id: string }> {
  const body = { student_id: student, type: 'grammar', question, wrong_answer: wrong, correct_answer: right }
  return api(by, 'POST', '/mistakes', body)
}

/** Has a file of a teacher checked for a class; the import whose id is returned waits to be confirmed. */
export async function upload(teacher: Account, path: string, room: string, table: string): Promise<string> {
  const body = new FormData()
  body.set('class_id', room)
  body.set('file', new Blob([table], { type: 'text/csv' }), 'table.csv')
  const headers = { authorization: `Bearer ${teacher.token}` }
  const response = await fetch(`${base}/api/v1${path}`, { method: 'POST', headers, body })
  if (!response.ok) throw new Error(`POST ${path}: ${String(response.status)} ${await response.text()}`)
  return ((await response.json()) as { id: string }).id
}
