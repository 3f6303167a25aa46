import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, leave, signIn, visit } from './support/browser'
import { api, found, founder, gateway, password, type School } from './support/system'

let school: School
beforeAll(async () => {
  school = await found('accounts')
})
afterAll(leave)

/** Counts how often the session is refreshed from now on. */
function countRefreshes(page: Page): () => number {
  let count = 0
  page.on('response', (response) => {
    if (response.url().endsWith('/auth/refresh') && response.ok()) count += 1
  })
  return () => count
}

describe('a visitor', () => {
  it('comes to where they wanted after signing in, and out again', async () => {
    const { context, page, faults } = await visit()
    await page.goto('/account/sessions')
    await signIn(page, school.teacher)
    await page.waitForURL('**/account/sessions')
    expect(await page.locator('h1').first().textContent()).toContain('设备')
    expect(await barriers(page)).toEqual([])
    expect(faults).toEqual([])
    await context.close()
  })

  it('begins at home who typed the address of the school alone', async () => {
    const { context, page } = await visit()
    await page.goto('/')
    await signIn(page, school.teacher)
    await page.waitForURL('**/dashboard')
    await context.close()
  })

  it('is told in words when the password is wrong, and keeps the name', async () => {
    const { context, page } = await visit({ width: 390, theme: 'dark' })
    await page.goto('/sign-in')
    await page.locator('input[autocomplete=username]').fill(school.teacher.username)
    await page.locator('input[autocomplete=current-password]').fill('Wrong1234')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ visible: true }).first().waitFor()
    expect(await page.locator('input[autocomplete=username]').inputValue()).toBe(school.teacher.username)
    expect(await barriers(page)).toEqual([])
    await context.close()
  })

  it('joins a school with an invitation code, in English', async () => {
    const { code } = await api(school.admin, 'POST', '/organizations/current/invitations', { role: 'student', max_uses: 1 })
    const { context, page, faults } = await visit({ locale: 'en-US' })
    await page.goto(`/register?code=${code}`)
    await page.getByText(school.name).first().waitFor()
    await page.getByLabel('Full name').fill('Li Lei')
    // A name that is taken is said so at its field, and what was typed stays.
    const username = page.getByLabel('Username')
    await username.fill(school.teacher.username)
    await page.locator('input[autocomplete=new-password]').fill(password)
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'This username is taken' }).waitFor()
    await username.fill(`${school.teacher.username}_joined`)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/today')
    await page.getByRole('heading', { name: 'Hello, Li Lei' }).waitFor()
    expect(faults).toEqual([])
    await context.close()
  })

  it('moves over to an existing school when alone in an own one', async () => {
    const alone = await founder(`${school.teacher.username}_alone`)
    const { code } = await api(school.admin, 'POST', '/organizations/current/invitations', { role: 'teacher', max_uses: 1 })
    const { context, page, faults } = await visit()
    await page.goto('/account')
    await signIn(page, alone)
    await page.getByLabel('邀请码').fill('WRONGCODE')
    await page.getByRole('button', { name: '加入', exact: true }).click()
    await page.getByRole('alert').filter({ hasText: '邀请码无效或已过期' }).waitFor()
    await page.getByLabel('邀请码').fill(code ?? '')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: `已加入 ${school.name}` }).waitFor()
    expect(await barriers(page)).toEqual([])
    await page.reload()
    await page.getByRole('main').getByText(`教师 · ${school.name}`).waitFor()
    expect(faults).toEqual([])
    await context.close()
  })

  it('asks for a link to a new password where letters are sent', async () => {
    const { context, page, faults } = await visit({ width: 390 })
    // This installation sends none; only what it says of that is changed.
    await page.route('**/api/v1/auth/registration-policy', async (route) => {
      const response = await route.fetch()
      const policy = (await response.json()) as Record<string, unknown>
      await route.fulfill({ response, json: { ...policy, password_reset_by_email: true } })
    })
    await page.goto('/forgot-password')
    const address = page.locator('input[autocomplete=email]')
    await address.fill('no address')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: '邮箱格式不正确' }).waitFor()
    await address.fill(`${school.teacher.username}@example.org`)
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: '重置链接已经发出' }).waitFor()

    await page.goto('/reset-password?token=none')
    await page.locator('input[autocomplete=new-password]').first().waitFor()
    for (const field of await page.locator('input[autocomplete=new-password]').all()) await field.fill(password)
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: '重置链接无效或已过期' }).waitFor()
    expect(faults).toEqual([])
    await context.close()
  })
})

describe('a session', () => {
  it('goes on silently when its token has expired', async () => {
    const { context, page } = await visit()
    await page.clock.install()
    await page.goto('/account/sessions')
    await signIn(page, school.teacher)
    await page.waitForURL('**/account/sessions')
    const refreshes = countRefreshes(page)
    // By itself, while nothing is done.
    await page.clock.fastForward('31:00')
    await expect.poll(refreshes).toBe(1)
    // On the page: the next call brings the list, and nobody asks for a password.
    await page.getByRole('link', { name: '返回' }).click()
    await page.getByRole('link', { name: /登录的设备/ }).click()
    await page.getByRole('main').getByText('本机').waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
    await context.close()
  })

  it('is refreshed once for two tabs, and ends in both', async () => {
    const { context, page } = await visit()
    await page.goto('/account/sessions')
    await signIn(page, school.teacher)
    await page.waitForURL('**/account/sessions')
    const second = await context.newPage()
    await second.goto('/account/sessions')
    await second.getByText('本机').waitFor()
    const tabs = [page, second]
    const counts = tabs.map(countRefreshes)
    await page.evaluate(() => {
      const session = JSON.parse(localStorage.getItem('ai-english.session') ?? '{}') as Record<string, unknown>
      localStorage.setItem('ai-english.session', JSON.stringify({ ...session, accessUntil: Date.now() - 1_000 }))
    })
    const lists = tabs.map((tab) => tab.waitForResponse((response) => response.url().includes('/auth/sessions') && response.ok()))
    await Promise.all(tabs.map((tab) => tab.getByRole('link', { name: '返回' }).click()))
    await Promise.all(tabs.map((tab) => tab.getByRole('link', { name: /登录的设备/ }).click()))
    await Promise.all(lists)
    expect(counts.map((count) => count()).reduce((sum, count) => sum + count, 0)).toBe(1)

    await page.getByRole('button', { name: /^我的账号/ }).click()
    await page.getByRole('button', { name: '退出登录', exact: true }).click()
    await Promise.all(tabs.map((tab) => tab.waitForURL('**/sign-in**')))
    expect(await second.getByRole('dialog').count()).toBe(0)
    await context.close()
  })

  it('asks for the password over the page when it was ended elsewhere', async () => {
    const { context, page } = await visit()
    await page.goto('/account')
    await signIn(page, school.teacher)
    await page.waitForURL('**/account')
    const name = page.getByLabel('姓名')
    await name.fill('李老师（改）')
    const fresh = await api<{ access_token: string }>(undefined, 'POST', '/auth/login', { username: school.teacher.username, password })
    await api({ ...school.teacher, token: fresh.access_token }, 'POST', '/auth/logout-all')
    await page.getByRole('button', { name: '保存' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('input[type=password]').fill(password)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    // What waited went on by itself.
    await page.getByText('资料已保存').waitFor()
    expect(await name.inputValue()).toBe('李老师（改）')
    const again = await api<{ access_token: string }>(undefined, 'POST', '/auth/login', { username: school.teacher.username, password })
    expect(await api({ ...school.teacher, token: again.access_token }, 'GET', '/users/me')).toMatchObject({ full_name: '李老师（改）' })
    await context.close()
  })
})

describe('the account menu', () => {
  it('is reached by keyboard, and left by Escape', async () => {
    const { context, page } = await visit()
    await page.goto('/account')
    await signIn(page, school.teacher)
    const opener = page.getByRole('button', { name: /^我的账号/ })
    await opener.focus()
    await page.keyboard.press('Enter')
    const theme = page.getByRole('group', { name: '我的账号' }).getByRole('radio', { name: '跟随系统' })
    await expect.poll(() => theme.evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await opener.getAttribute('aria-expanded')).toBe('true')
    expect(await barriers(page)).toEqual([])
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('退出登录')
    await page.keyboard.press('Escape')
    expect(await opener.getAttribute('aria-expanded')).toBe('false')
    expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true)
    await context.close()
  })
})

describe('a theme', () => {
  it('follows the account to another browser', async () => {
    const { context, page } = await visit()
    await page.goto('/account')
    await signIn(page, school.admin)
    const kept = page.waitForResponse((response) => response.url().endsWith('/users/me') && response.request().method() === 'PATCH')
    await page.getByRole('radiogroup', { name: '外观' }).getByText('深色').click()
    expect((await kept).ok()).toBe(true)
    await context.close()

    const other = await visit()
    await other.page.goto('/account')
    await signIn(other.page, school.admin)
    await other.page.locator('html[data-theme=dark]').waitFor()
    await other.context.close()
  })
})

describe('the sign-in page', () => {
  it('is there within a second', async () => {
    const times: number[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      const { context, page } = await visit()
      await page.goto('/sign-in', { waitUntil: 'commit' })
      await page.locator('input[autocomplete=current-password]').waitFor()
      times.push(await page.evaluate(() => performance.now()))
      await context.close()
    }
    expect(Math.min(...times)).toBeLessThan(1_000)
  })
})

describe('a server that is away', () => {
  it('is said so, and is found again without a reload', async () => {
    const { context, page } = await visit()
    await page.goto('/account')
    await signIn(page, school.admin)
    await page.waitForURL('**/account')
    await page.evaluate(() => Object.assign(window, { neverReloaded: true }))
    const name = page.getByLabel('姓名')
    await name.fill('没有保存的名字')
    await gateway('stop')
    await page.getByRole('button', { name: '保存' }).click()
    const away = page.getByText('正在自动重试')
    await away.first().waitFor()
    await gateway('start')
    await away.first().waitFor({ state: 'hidden', timeout: 30_000 })
    expect(await name.inputValue()).toBe('没有保存的名字')
    expect(await page.evaluate(() => 'neverReloaded' in window)).toBe(true)
    await context.close()
  })

  it('leaves a list that loads by itself when the server is back', async () => {
    const { context, page } = await visit()
    await page.goto('/account')
    await signIn(page, school.admin)
    await page.waitForURL('**/account')
    // The files of the page are here before the server goes.
    await page.getByRole('link', { name: /登录的设备/ }).click()
    await page.getByText('本机').waitFor()
    await page.getByRole('link', { name: '返回' }).click()
    await page.evaluate(() => Object.assign(window, { neverReloaded: true }))
    await gateway('stop')
    await page.getByRole('link', { name: /登录的设备/ }).click()
    await page.getByText('正在自动重试').first().waitFor()
    await gateway('start')
    await page.getByText('本机').waitFor({ timeout: 30_000 })
    expect(await page.evaluate(() => 'neverReloaded' in window)).toBe(true)
    await context.close()
  })
})
