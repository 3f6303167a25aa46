import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, leave, signIn, visit } from './support/browser'
import { addMistake, api, createClass, found, invite, type Account, type School } from './support/system'

let school: School
let pupil: Account
let code: string
beforeAll(async () => {
  school = await found('learning')
  pupil = await invite(school.admin, `${school.teacher.username}_pupil`, '张晓明', 'student')
  code = (await createClass(school.teacher, '高二（3）班')).join_code
})
afterAll(leave)

const ANSWERS: [question: string, wrong: string, right: string][] = [
  ['She ____ to school by bike every day.', 'go', 'goes'],
  ['There ____ many books on the desk.', 'is', 'are'],
]
const OWN = 'He is good ____ playing chess.'

/** What is right for the question on the page. */
async function rightAnswer(page: Page): Promise<string> {
  const text = await page.getByRole('main').innerText()
  if (text.includes('good')) return 'at'
  return ANSWERS.find(([question]) => text.includes(question.slice(0, 8)))?.[2] ?? 'unknown question'
}

describe('a pupil', () => {
  it('joins a class with its code, on a phone', async () => {
    const { context, page, faults } = await visit({ width: 390 })
    await page.goto('/join')
    await signIn(page, pupil)
    await page.getByLabel('入班码').fill('WRONG123')
    await page.getByRole('button', { name: '加入', exact: true }).click()
    await page.getByRole('alert').filter({ visible: true }).first().waitFor()
    await page.getByLabel('入班码').fill(code)
    await page.keyboard.press('Enter')
    await page.getByRole('main').getByRole('listitem').filter({ hasText: '高二（3）班' }).waitFor()
    await page.getByText('已加入“高二（3）班”').waitFor()
    expect(await barriers(page)).toEqual([])
    expect(faults).toEqual([])
    await context.close()
  })

  it('adds a mistake, reviews by keyboard, and goes on elsewhere', async () => {
    for (const [question, wrong, right] of ANSWERS) await addMistake(school.teacher, pupil.id, question, wrong, right)
    const { context, page, faults } = await visit()
    await page.goto('/today')
    await signIn(page, pupil)
    await page.getByText('2 道题等着今天复习').waitFor()

    // One of their own.
    await page.goto('/book?add=1')
    const form = page.getByRole('dialog', { name: '记一道错题' })
    await form.getByRole('textbox', { name: /^题目/ }).fill(OWN)
    await form.getByRole('textbox', { name: /^我当时的答案/ }).fill('in')
    await form.getByRole('textbox', { name: /^正确答案/ }).fill('at')
    await page.keyboard.press('Control+Enter')
    await form.waitFor({ state: 'hidden' })
    await page.getByRole('main').getByText(OWN).first().waitFor()

    // Wrong once, then right once, by keyboard alone.
    await page.goto('/review')
    const answer = page.getByRole('textbox', { name: '写下你的答案' })
    const progress = page.getByRole('progressbar', { name: '今天的复习' })
    await answer.waitFor()
    expect(await progress.getAttribute('aria-valuenow')).toBe('0')
    await answer.focus()
    await page.keyboard.type('nothing of the kind')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: '没关系' }).waitFor()
    expect(await barriers(page)).toEqual([])
    await page.keyboard.press('Enter')
    await answer.waitFor()
    await answer.focus()
    await page.keyboard.type(await rightAnswer(page))
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: '答对了' }).waitFor()
    const done = Number(await progress.getAttribute('aria-valuenow'))
    expect(done).toBeGreaterThan(0)
    expect(faults).toEqual([])
    await context.close()

    // Broken off there, gone on here: nothing answered comes again, nothing is lost.
    const other = await visit({ width: 390, theme: 'dark' })
    await other.page.goto('/review')
    await signIn(other.page, pupil)
    const left = other.page.getByRole('textbox', { name: '写下你的答案' })
    await left.waitFor()
    expect(await other.page.getByRole('progressbar', { name: '今天的复习' }).getAttribute('aria-valuenow')).toBe(String(done))
    await left.fill(await rightAnswer(other.page))
    await other.page.getByRole('button', { name: '提交答案' }).click()
    await other.page.getByRole('status').filter({ hasText: '答对了' }).waitFor()
    const reviewed = await api<{ done_today: number; correct_today: number }>(pupil, 'GET', '/reviews/due')
    expect(reviewed).toMatchObject({ done_today: 3, correct_today: 2 })
    expect(other.faults).toEqual([])
    await other.context.close()
  })

  it('sees progress and takes the own book home as a PDF, in English', async () => {
    const { context, page, faults } = await visit({ locale: 'en-US' })
    await page.goto('/progress')
    await signIn(page, pupil)
    await page.getByRole('heading', { name: 'Progress', level: 1 }).waitFor()
    const reviews = page.getByRole('term').filter({ hasText: /^Reviews$/ })
    await reviews.waitFor()
    expect(await reviews.locator('xpath=following-sibling::dd[1]').textContent()).toContain('3')

    await page.goto('/book/print')
    await page.getByRole('button', { name: 'Make my mistake book' }).click()
    const book = page.getByRole('region', { name: 'Documents' }).getByRole('listitem').filter({ hasText: 'PDF' })
    const save = book.getByRole('button', { name: 'Download' })
    await save.waitFor({ timeout: 30_000 })
    const download = page.waitForEvent('download')
    await save.click()
    const bytes = await readFile(await (await download).path())
    expect(bytes.subarray(0, 4).toString()).toBe('%PDF')
    expect(faults).toEqual([])
    await context.close()
  })
})
