import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leave, signIn, visit, type Visitor } from './support/browser'
import { complaints, settled } from './support/sound'
import { addMistake, api, createClass, found, invite, upload, type Account, type School } from './support/system'

let school: School
let pupil: Account
let addresses: Record<'admin' | 'teacher' | 'student', string[]>

const OWN = ['/account', '/account/password', '/account/sessions', '/no-permission', '/nowhere']
const ADMIN = ['/admin/accounts', '/admin/accounts/new', '/admin/invitations', '/admin/organization', '/admin/ai', '/admin/audit']

beforeAll(async () => {
  school = await found('screens')
  pupil = await invite(school.admin, `${school.teacher.username}_pupil`, '张晓明', 'student')
  const room = await createClass(school.teacher, '高二（3）班')
  await api(pupil, 'POST', '/classes/join', { join_code: room.join_code })
  const first = await addMistake(school.teacher, pupil.id, 'She ____ to school by bike every day.', 'go', 'goes')
  const second = await addMistake(school.teacher, pupil.id, 'There ____ many books on the desk.', 'is', 'are')
  await api(pupil, 'POST', `/reviews/${second.id}/answers`, { id: crypto.randomUUID(), answer: 'are' })
  const mistakes = await upload(school.teacher, '/mistake-imports', room.id, '姓名,题目,错误答案,正确答案,类型\r\n张晓明,I have lived here ____ 2019.,for,since,语法\r\n')
  const roster = await upload(school.teacher, '/roster-imports', room.id, '学号,姓名\r\n20260301,陈静\r\n20260302,\r\n')
  const staff = [
    '/dashboard', '/classes', `/classes/${room.id}`, `/classes/${room.id}?tab=weak`, `/classes/${room.id}?tab=activity`,
    `/classes/${room.id}?tab=assistants`, `/classes/${room.id}?tab=settings`, `/classes/${room.id}/import`,
    `/classes/${room.id}/import?import=${roster}`,
    '/pupils', `/pupils/${pupil.id}`, `/pupils/${pupil.id}?tab=mistakes`, `/pupils/${pupil.id}?tab=reviews`,
    '/mistakes', '/mistakes/new', '/mistakes/imports', `/mistakes/imports/${mistakes}`, `/mistakes/${first.id}`, '/exports', '/tools', '/tools?tool=profile',
  ]
  addresses = {
    // What teachers have too is tried as a teacher.
    admin: ['/dashboard', '/classes', '/pupils', '/mistakes', ...ADMIN, ...OWN],
    teacher: [...staff, ...OWN],
    student: ['/today', '/review', '/book', '/book/print', `/book/${first.id}`, '/progress', '/join', ...OWN],
  }
})
afterAll(leave)

const LOOKS: Visitor[] = [
  { width: 1280, theme: 'light', locale: 'zh-CN' },
  // The longest words on the narrowest screen.
  { width: 390, theme: 'dark', locale: 'en-US' },
]

it('notices what it looks for', async () => {
  const { context, page, faults } = await visit()
  await page.goto('/sign-in')
  await settled(page)
  await page.evaluate(() => {
    const made = document.createElement('div')
    made.style.width = '2000px'
    made.innerHTML = 'common.action.save<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    const script = document.createElement('script')
    script.textContent = 'window.ran = true'
    document.body.append(made, script)
  })
  const wrong = await complaints(page)
  expect(wrong).toHaveLength(3)
  expect(wrong[0]).toContain('common.action.save')
  expect(wrong[1]).toContain('wide')
  expect(wrong[2]).toContain('image-alt')
  expect(faults).toHaveLength(1)
  await context.close()
})

describe.each(LOOKS)('at $width, $theme, $locale', (look) => {
  it.each(['admin', 'teacher', 'student'] as const)('every page of the role %s is sound', async (role) => {
    const { context, page, faults } = await visit(look)
    const account = role === 'student' ? pupil : school[role]
    await page.goto('/account')
    await signIn(page, account)
    const wrong: string[] = []
    page.on('response', (response) => {
      if (response.url().includes('/api/') && response.status() >= 400) wrong.push(`${page.url()}: ${String(response.status())} from ${response.url()}`)
    })
    for (const address of addresses[role]) {
      await page.goto(address)
      await settled(page)
      const refused = address !== '/no-permission' && new URL(page.url()).pathname === '/no-permission'
      if (refused) wrong.push(`${address}: is refused`)
      wrong.push(...(await complaints(page)).map((words) => `${address}: ${words}`))
      wrong.push(...faults.splice(0).map((words) => `${address}: ${words}`))
    }
    expect(wrong).toEqual([])
    await context.close()
  }, 180_000)
})

describe('a visitor', () => {
  it.each(LOOKS)('finds every page before signing in sound at $width, $theme, $locale', async (look) => {
    const { context, page, faults } = await visit(look)
    const wrong: string[] = []
    for (const address of ['/sign-in', '/register', '/forgot-password', '/reset-password?token=none']) {
      await page.goto(address)
      await settled(page)
      wrong.push(...(await complaints(page)).map((words) => `${address}: ${words}`))
    }
    expect([...wrong, ...faults]).toEqual([])
    await context.close()
  })

  it('may not open the pages of another role', async () => {
    const { context, page } = await visit()
    await page.goto('/admin/accounts')
    await signIn(page, pupil)
    await page.waitForURL('**/today')
    await page.goto('/admin/accounts')
    await page.getByRole('heading', { name: '没有权限' }).waitFor()
    await context.close()
  })
})
