import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, leave, signIn, visit } from './support/browser'
import { api, found, gateway, type School } from './support/system'

let school: School
beforeAll(async () => {
  school = await found('accounts')
})
afterAll(leave)

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
    const { context, page } = await visit({ locale: 'en-US' })
    await page.goto(`/register?code=${code}`)
    await page.getByLabel(/invitation code/i).first().waitFor()
    await page.getByText(school.name).first().waitFor()
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
    const refreshed = page.waitForResponse((response) => response.url().endsWith('/auth/refresh') && response.ok())
    await page.clock.fastForward('31:00')
    await page.goto('/account')
    await refreshed
    await page.locator('h1').first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/account')
    await context.close()
  })

  it('asks for the password over the page when it was ended elsewhere', async () => {
    const { context, page } = await visit()
    await page.goto('/account')
    await signIn(page, school.teacher)
    await page.waitForURL('**/account')
    const name = page.getByLabel('姓名')
    await name.fill('李老师（改）')
    const fresh = await api<{ access_token: string }>(undefined, 'POST', '/auth/login', { username: school.teacher.username, password: 'Passw0rd2026' })
    await api({ ...school.teacher, token: fresh.access_token }, 'POST', '/auth/logout-all')
    await page.getByRole('button', { name: '保存' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('input[type=password]').fill('Passw0rd2026')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    expect(await name.inputValue()).toBe('李老师（改）')
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
    await gateway('stop')
    await page.getByRole('link', { name: /设备/ }).first().click()
    await page.getByText(/连接不上|无法连接|连不上/).first().waitFor()
    await gateway('start')
    await page.getByText(/连接不上|无法连接|连不上/).first().waitFor({ state: 'hidden', timeout: 30_000 })
    await page.locator('h1').first().waitFor()
    await context.close()
  })
})
