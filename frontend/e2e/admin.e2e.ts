import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, leave, signIn, visit } from './support/browser'
import { found, invite, password, type School } from './support/system'
import { LOOKS, words } from './support/words'

afterAll(leave)

describe.each(LOOKS)('an administrator at $width in $locale', ({ width, locale }) => {
  const t = words(locale)
  let school: School
  beforeAll(async () => {
    school = await found(`managing${String(width)}`)
  })

  it('creates an account, whose owner chooses a password of their own', async () => {
    const username = `${school.teacher.username}_new`
    const { context, page, faults } = await visit({ width, locale })
    await page.goto('/admin/accounts/new')
    await signIn(page, school.admin)
    await page.getByRole('radiogroup', { name: t('admin.accounts.role') }).getByText(t('common.role.teacher')).click()
    await page.getByLabel(t('admin.accounts.name'), { exact: false }).and(page.getByRole('textbox')).first().fill('赵老师')
    // A name that is taken is said so at its field, in the language of the page.
    const field = page.getByRole('textbox', { name: new RegExp(`^${t('admin.accounts.username')}`) })
    await field.fill(school.teacher.username)
    const create = page.getByRole('button', { name: t('common.action.create'), exact: true })
    await create.click()
    await page.getByRole('alert').filter({ hasText: t('common.problem.USERNAME_TAKEN') }).waitFor()
    await field.fill(username)
    await create.click()
    await page.getByRole('status').filter({ hasText: t('admin.create.done', { count: 1 }) }).waitFor()
    const first = await page.getByRole('row').filter({ hasText: username }).getByRole('cell').last().innerText()
    expect(first.length).toBeGreaterThanOrEqual(8)
    expect(await barriers(page)).toEqual([])
    expect(faults).toEqual([])

    const other = await visit({ width: 390 })
    await other.page.goto('/dashboard')
    await signIn(other.page, username, first)
    await other.page.waitForURL('**/account/password')
    await other.page.locator('input[autocomplete=current-password]').fill(first)
    for (const input of await other.page.locator('input[autocomplete=new-password]').all()) await input.fill(password)
    await other.page.keyboard.press('Enter')
    await other.page.waitForURL((url) => url.pathname !== '/account/password')
    expect(other.faults).toEqual([])
    await other.context.close()
    await context.close()
  })

  it('deactivates an account and takes that back, resets its password, and finds all of it in the log', async () => {
    const { context, page, faults } = await visit({ width, locale })
    await page.goto('/admin/accounts')
    await signIn(page, school.admin)
    await page.getByRole('textbox', { name: t('admin.accounts.search') }).fill(school.teacher.username)
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '李老师' }) })
    await row.getByRole('button', { name: t('admin.accounts.deactivate') }).click()
    await row.getByRole('cell', { name: t('admin.accounts.inactive') }).waitFor()

    // The owner cannot sign in any more.
    const other = await visit()
    await other.page.goto('/sign-in')
    await other.page.locator('input[autocomplete=username]').fill(school.teacher.username)
    await other.page.locator('input[autocomplete=current-password]').fill(password)
    await other.page.keyboard.press('Enter')
    await other.page.getByRole('alert').filter({ hasText: '已停用' }).waitFor()

    await page.getByRole('button', { name: t('common.action.undo') }).click()
    await row.getByRole('cell', { name: t('admin.accounts.active') }).waitFor()

    await row.getByRole('button', { name: t('accounts.reset.title') }).click()
    await page.getByRole('dialog').getByRole('button', { name: t('accounts.reset.go'), exact: true }).click()
    const shown = page.getByRole('dialog', { name: t('accounts.reset.done') })
    const fresh = await shown.getByRole('status', { name: t('accounts.reset.password') }).innerText()
    // It is shown this once: Escape does not take it away.
    await page.keyboard.press('Escape')
    await shown.getByRole('button', { name: t('accounts.reset.noted') }).click()
    await shown.waitFor({ state: 'hidden' })
    await signIn(other.page, school.teacher, fresh)
    await other.page.waitForURL('**/account/password')
    await other.context.close()

    await page.goto('/admin/audit')
    const whom = page.getByRole('row').filter({ has: page.getByRole('cell', { name: school.teacher.username, exact: true }) })
    for (const kind of ['user_deactivated', 'user_reactivated', 'password_reset_by_staff']) {
      const entry = whom.filter({ has: page.getByRole('rowheader', { name: t(`admin.kind.${kind}`), exact: true }) })
      await entry.filter({ hasText: '王校长' }).waitFor()
    }
    expect(faults).toEqual([])
    await context.close()
  })
})

describe('an administrator', () => {
  let school: School
  beforeAll(async () => {
    school = await found('managing')
  })

  it('gives an account another role', async () => {
    const changed = await invite(school.admin, `${school.teacher.username}_role`, '钱老师', 'teacher')
    const { context, page, faults } = await visit()
    await page.goto('/admin/accounts')
    await signIn(page, school.admin)
    await page.getByRole('textbox', { name: '搜索姓名、用户名、邮箱' }).fill(changed.username)
    await page.waitForURL('**/admin/accounts?query=*')
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '钱老师' }) })
    await row.getByRole('button', { name: '角色' }).click()
    const form = page.getByRole('dialog', { name: /修改“钱老师”的角色/ })
    await form.getByText('管理员').click()
    expect(await barriers(page)).toEqual([])
    await form.getByRole('button', { name: '保存' }).click()
    await row.getByRole('cell', { name: '管理员' }).waitFor()

    const other = await visit()
    await other.page.goto('/admin/accounts')
    await signIn(other.page, changed)
    await other.page.getByRole('heading', { name: '账号', level: 1 }).waitFor()
    await other.context.close()
    expect(faults).toEqual([])
    await context.close()
  })

  it('invites somebody, who joins with the link, and withdraws an invitation', async () => {
    const { context, page, faults } = await visit()
    await page.goto('/admin/invitations')
    await signIn(page, school.admin)
    await page.getByRole('radiogroup', { name: '角色' }).getByText('学生').click()
    await page.getByRole('button', { name: '生成邀请码' }).click()
    const row = page.getByRole('row').filter({ hasText: '可用' }).first()
    await row.waitFor()
    const code = await row.getByRole('rowheader').innerText()

    const other = await visit({ width: 390, theme: 'dark' })
    await other.page.goto(`/register?code=${code}`)
    await other.page.getByText(school.name).first().waitFor()
    await other.page.getByLabel('姓名').fill('新同学')
    await other.page.getByLabel('用户名').fill(`${school.teacher.username}_joined`)
    await other.page.getByLabel('邮箱').fill(`${school.teacher.username}_joined@example.org`)
    for (const field of await other.page.locator('input[autocomplete=new-password]').all()) await field.fill(password)
    await other.page.keyboard.press('Enter')
    await other.page.waitForURL('**/today')
    expect(other.faults).toEqual([])
    await other.context.close()

    await page.reload()
    const used = page.getByRole('row').filter({ hasText: code })
    expect(await used.getByRole('cell').nth(1).innerText()).toMatch(/^1/)
    await used.getByRole('button', { name: '作废' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '作废' }).click()
    await used.getByRole('cell', { name: '已作废' }).waitFor()
    const late = await visit()
    await late.page.goto(`/register?code=${code}`)
    await late.page.getByRole('alert').filter({ hasText: '邀请码无效或已过期' }).waitFor()
    await late.context.close()
    expect(faults).toEqual([])
    await context.close()
  })
})
