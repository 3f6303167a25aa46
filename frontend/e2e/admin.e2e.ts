import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, leave, signIn, visit } from './support/browser'
import { found, invite, password, type School } from './support/system'

let school: School
beforeAll(async () => {
  school = await found('managing')
})
afterAll(leave)

describe('an administrator', () => {
  it('creates an account, whose owner chooses a password of their own', async () => {
    const username = `${school.teacher.username}_new`
    const { context, page, faults } = await visit()
    await page.goto('/admin/accounts/new')
    await signIn(page, school.admin)
    await page.getByRole('radiogroup', { name: '角色' }).getByText('教师').click()
    await page.getByLabel('姓名').fill('赵老师')
    await page.getByLabel('用户名').fill(username)
    await page.getByRole('button', { name: '新建', exact: true }).click()
    await page.getByRole('status').filter({ hasText: '已创建 1 个账号' }).waitFor()
    const first = await page.getByRole('row').filter({ hasText: username }).getByRole('cell').last().innerText()
    expect(first.length).toBeGreaterThanOrEqual(8)
    expect(await barriers(page)).toEqual([])
    expect(faults).toEqual([])

    const other = await visit({ width: 390 })
    await other.page.goto('/dashboard')
    await signIn(other.page, username, first)
    await other.page.waitForURL('**/account/password')
    await other.page.locator('input[autocomplete=current-password]').fill(first)
    for (const field of await other.page.locator('input[autocomplete=new-password]').all()) await field.fill(password)
    await other.page.keyboard.press('Enter')
    await other.page.waitForURL((url) => url.pathname !== '/account/password')
    expect(other.faults).toEqual([])
    await other.context.close()
    await context.close()
  })

  it('deactivates an account and takes that back, resets its password, and finds all of it in the log', async () => {
    const { context, page, faults } = await visit()
    await page.goto('/admin/accounts')
    await signIn(page, school.admin)
    await page.getByRole('textbox', { name: '搜索姓名、用户名、邮箱' }).fill(school.teacher.username)
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '李老师' }) })
    await row.getByRole('button', { name: '停用' }).click()
    await row.getByRole('cell', { name: '已停用' }).waitFor()

    // The owner cannot sign in any more.
    const other = await visit()
    await other.page.goto('/sign-in')
    await other.page.locator('input[autocomplete=username]').fill(school.teacher.username)
    await other.page.locator('input[autocomplete=current-password]').fill(password)
    await other.page.keyboard.press('Enter')
    await other.page.getByRole('alert').filter({ hasText: '已停用' }).waitFor()

    await page.getByRole('button', { name: '撤销' }).click()
    await row.getByRole('cell', { name: '使用中' }).waitFor()

    await row.getByRole('button', { name: '重置密码' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '重置', exact: true }).click()
    const shown = page.getByRole('dialog', { name: '新密码' })
    const fresh = await shown.getByRole('status', { name: '初始密码' }).innerText()
    await shown.getByRole('button', { name: '已记下' }).click()
    await shown.waitFor({ state: 'hidden' })
    await signIn(other.page, school.teacher, fresh)
    await other.page.waitForURL('**/account/password')
    await other.context.close()

    await page.getByRole('link', { name: '审计日志' }).click()
    const whom = page.getByRole('row').filter({ has: page.getByRole('cell', { name: school.teacher.username, exact: true }) })
    for (const kind of ['停用账号', '启用账号', '密码被重置']) {
      const entry = whom.filter({ has: page.getByRole('rowheader', { name: kind, exact: true }) })
      await entry.filter({ hasText: '王校长' }).waitFor()
    }
    expect(faults).toEqual([])
    await context.close()
  })

  it('gives an account another role', async () => {
    const changed = await invite(school.admin, `${school.teacher.username}_role`, '钱老师', 'teacher')
    const { context, page, faults } = await visit()
    await page.goto('/admin/accounts')
    await signIn(page, school.admin)
    await page.getByRole('textbox', { name: '搜索姓名、用户名、邮箱' }).fill(changed.username)
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
