import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leave, signIn, visit } from './support/browser'
import { complaints, settled } from './support/sound'
import { addMistake, api, createClass, found, invite, upload, type Account, type School } from './support/system'
import { LOOKS, words } from './support/words'

/** Where a dialog, a menu, a list or a bar is, and what is pressed until it stands open: texts of buttons, or something else to do. */
type Words = ReturnType<typeof words>
type Way = [address: string, ...steps: (string | ((page: Page, t: Words) => Promise<unknown>))[]]

let school: School
let pupil: Account
let room: { id: string; join_code: string }
let mistake: { id: string }
let own: { id: string }
let roster: string
beforeAll(async () => {
  school = await found('dialogs')
  pupil = await invite(school.admin, `${school.teacher.username}_pupil`, '张晓明', 'student')
  room = await createClass(school.teacher, '高二（3）班')
  await api(pupil, 'POST', '/classes/join', { join_code: room.join_code })
  // More than a list shows at once.
  const users = Array.from({ length: 12 }, (_, n) => ({ full_name: `王同学${String(n)}`, username: `${school.teacher.username}_many${String(n)}`, role: 'student' }))
  await api(school.admin, 'POST', '/users/batch', { users })
  mistake = await addMistake(school.teacher, pupil.id, 'She ____ to school by bike every day.', 'go', 'goes')
  own = await addMistake(pupil, pupil.id, 'He is good ____ playing chess.', 'in', 'at')
  roster = await upload(school.teacher, '/roster-imports', room.id, '学号,姓名\r\n20260301,陈静\r\n')
  await api(school.teacher, 'POST', `/roster-imports/${roster}/commit`)
})
afterAll(leave)

const choose = (page: Page) => page.getByRole('main').locator('tbody input[type=checkbox]').first().check()
const write = (page: Page) => page.getByRole('main').locator('textarea').first().fill('We ____ to the park.')
/** Opens the list of a field, with as many choices as have to be scrolled. */
const list = (name: string, typed = '') => async (page: Page, t: Words) => {
  await page.getByRole('combobox', { name: t(name), exact: true }).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.type(typed)
  await page.locator('[role=option]:visible').nth(9).waitFor()
}
const leaveIt = (page: Page) => page.locator('a[href="/classes"]:visible').first().click()
const more = async (page: Page) => (page.viewportSize()?.width === 390 ? page.locator('.tabs button').click() : page.locator('.account .opener').click())

const ways = (): Record<'admin' | 'teacher' | 'student', Way[]> => ({
  admin: [
    [`/admin/accounts?query=${school.teacher.username}`, 'common.action.edit'],
    [`/admin/accounts?query=${school.teacher.username}`, 'admin.role.title'],
    [`/admin/accounts?query=${school.teacher.username}`, 'accounts.reset.title'],
    ['/admin/invitations', 'admin.invitations.make', 'admin.invitations.withdraw'],
    ['/admin/audit', list('admin.audit.whom', '王同学')],
    ['/admin/audit', more],
  ],
  teacher: [
    ['/classes', 'classes.list.create'],
    [`/classes/${room.id}`, 'classes.pupils.add'],
    [`/classes/${room.id}`, 'classes.pupils.add', list('classes.pupils.addWho', '王同学')],
    [`/classes/${room.id}`, 'classes.join.show'],
    [`/classes/${room.id}`, choose, 'classes.pupils.end'],
    [`/classes/${room.id}?tab=settings`, 'common.action.edit'],
    [`/classes/${room.id}?tab=settings`, 'classes.join.replace'],
    [`/classes/${room.id}/import?import=${roster}`, 'roster.take'],
    [`/classes/${room.id}/import?import=${roster}`, 'roster.undo'],
    [`/pupils/${pupil.id}`, 'pupils.detail.edit'],
    [`/mistakes/${mistake.id}`, 'common.action.edit'],
    ['/mistakes', choose],
    ['/mistakes', choose, 'mistakes.bulk.status'],
    ['/mistakes', 'mistakes.filter.more', list('mistakes.filter.point')],
    ['/mistakes/new', write, leaveIt],
    ['/account/sessions', 'account.sessions.endAll'],
  ],
  student: [['/book?add=1'], [`/book/${own.id}`, 'common.action.edit']],
})

describe.each([{ ...LOOKS[0], theme: 'light' as const }, { ...LOOKS[1], theme: 'dark' as const }])('at $width, $theme, $locale', (look) => {
  const t = words(look.locale ?? 'zh-CN')
  it.each(['admin', 'teacher', 'student'] as const)('every dialog of the role %s is sound', async (role) => {
    const { context, page, faults } = await visit(look)
    await page.goto('/account')
    await signIn(page, role === 'student' ? pupil : school[role])
    const wrong: string[] = []
    for (const [address, ...steps] of ways()[role]) {
      await page.goto(address)
      await settled(page)
      for (const step of steps) {
        if (typeof step === 'string') await page.getByRole('button', { name: t(step), exact: true }).first().click()
        else await step(page, t)
      }
      await page.locator('[role=dialog]:visible, .account .menu:visible, [role=listbox]:visible, main .bar[role=region]').first().waitFor()
      await settled(page)
      const name = [address, ...steps.filter((step) => typeof step === 'string')].join(' ')
      wrong.push(...[...(await complaints(page)), ...faults.splice(0)].map((what) => `${name}: ${what}`))
    }
    expect(wrong).toEqual([])
    await context.close()
  }, 180_000)
})
