import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, leave, signIn, visit } from './support/browser'
import { addMistake, api, createClass, found, invite, type Account, type School } from './support/system'
import { LOOKS, words } from './support/words'

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

describe.each(LOOKS)('a pupil at $width in $locale', ({ width, locale }) => {
  const t = words(locale)
  const touch = width === 390
  let school: School
  let pupil: Account
  let code: string
  beforeAll(async () => {
    school = await found(`learning${String(width)}`)
    pupil = await invite(school.admin, `${school.teacher.username}_pupil`, '张晓明', 'student')
    code = (await createClass(school.teacher, '高二（3）班')).join_code
  })

  it('joins a class with its code', async () => {
    const { context, page, faults } = await visit({ width, locale })
    await page.goto('/join')
    await signIn(page, pupil)
    await page.getByLabel(t('student.join.code')).fill('WRONG123')
    await page.getByRole('button', { name: t('student.join.go'), exact: true }).click()
    await page.getByRole('alert').filter({ hasText: t('common.problem.JOIN_CODE_NOT_FOUND') }).waitFor()
    await page.getByLabel(t('student.join.code')).fill(code)
    await page.keyboard.press('Enter')
    await page.getByRole('main').getByRole('listitem').filter({ hasText: '高二（3）班' }).waitFor()
    await page.getByText(t('student.join.joined', { name: '高二（3）班' })).waitFor()
    expect(await barriers(page)).toEqual([])
    expect(faults).toEqual([])
    await context.close()
  })

  it('adds a mistake, reviews, and goes on elsewhere', async () => {
    for (const [question, wrong, right] of ANSWERS) await addMistake(school.teacher, pupil.id, question, wrong, right)
    const { context, page, faults } = await visit({ width, locale })
    await page.goto('/today')
    await signIn(page, pupil)
    await page.getByText(t('student.today.due')).waitFor()

    // One of their own; what was typed outlives a reload.
    await page.goto('/book?add=1')
    const form = page.getByRole('dialog', { name: t('book.entry.titleOwn') })
    await form.getByRole('textbox', { name: new RegExp(`^${t('book.field.question')}`) }).fill(OWN)
    await page.reload()
    await page.getByRole('button', { name: t('student.book.add') }).first().click()
    expect(await form.getByRole('textbox', { name: new RegExp(`^${t('book.field.question')}`) }).inputValue()).toBe(OWN)
    await form.getByRole('textbox', { name: new RegExp(`^${t('book.field.mine')}`) }).fill('in')
    await form.getByRole('textbox', { name: new RegExp(`^${t('book.field.right')}`) }).fill('at')
    await page.keyboard.press('Control+Enter')
    await form.waitFor({ state: 'hidden' })
    await page.getByRole('main').getByText(OWN).first().waitFor()
    expect(new URL(page.url()).search).toBe('')

    // Wrong once, then right once: by keyboard alone where there is one.
    await page.goto('/review')
    const answer = page.getByRole('textbox', { name: t('student.review.write') })
    const progress = page.getByRole('progressbar', { name: t('student.review.today') })
    const write = async (text: string) => {
      await answer.waitFor()
      if (!touch) await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA')
      if (touch) await answer.fill(text)
      else await page.keyboard.type(text)
      if (touch) await page.getByRole('button', { name: t('student.review.answer') }).click()
      else await page.keyboard.press('Enter')
    }
    await answer.waitFor()
    expect(await progress.getAttribute('aria-valuenow')).toBe('0')
    await write('nothing of the kind')
    await page.getByRole('status').filter({ hasText: t('student.result.wrong') }).waitFor()
    expect(await barriers(page)).toEqual([])
    if (touch) await page.getByRole('button', { name: t('student.review.next') }).click()
    else await page.keyboard.press('Enter')
    await answer.waitFor()
    await write(await rightAnswer(page))
    await page.getByRole('status').filter({ hasText: t('student.result.correct') }).waitFor()
    const done = Number(await progress.getAttribute('aria-valuenow'))
    expect(done).toBeGreaterThan(0)
    expect(faults).toEqual([])
    await context.close()

    // Broken off there, gone on here: nothing answered comes again, nothing is lost.
    const other = await visit({ width: touch ? 1280 : 390, theme: 'dark', locale })
    await other.page.goto('/review')
    await signIn(other.page, pupil)
    const left = other.page.getByRole('textbox', { name: t('student.review.write') })
    await left.waitFor()
    expect(await other.page.getByRole('progressbar', { name: t('student.review.today') }).getAttribute('aria-valuenow')).toBe(String(done))
    await left.fill(await rightAnswer(other.page))
    await other.page.getByRole('button', { name: t('student.review.answer') }).click()
    await other.page.getByRole('status').filter({ hasText: t('student.result.correct') }).waitFor()
    const reviewed = await api<{ done_today: number; correct_today: number }>(pupil, 'GET', '/reviews/due')
    expect(reviewed).toMatchObject({ done_today: 3, correct_today: 2 })
    expect(other.faults).toEqual([])
    await other.context.close()
  })

  it('sees progress and takes the own book home as a PDF', async () => {
    const { context, page, faults } = await visit({ width, locale })
    await page.goto('/progress')
    await signIn(page, pupil)
    await page.getByRole('heading', { name: t('student.progress.title'), level: 1 }).waitFor()
    const reviews = page.getByRole('term').filter({ hasText: new RegExp(`^${t('student.progress.reviews')}$`) })
    await reviews.waitFor()
    expect(await reviews.locator('xpath=following-sibling::dd[1]').textContent()).toContain('3')

    await page.goto('/book/print')
    await page.getByRole('button', { name: t('book.form.makeOwn') }).click()
    const book = page.getByRole('region', { name: t('book.task.history') }).getByRole('listitem').filter({ hasText: 'PDF' })
    const save = book.getByRole('button', { name: t('common.action.download') })
    await save.waitFor({ timeout: 30_000 })
    const download = page.waitForEvent('download')
    await save.click()
    const bytes = await readFile(await (await download).path())
    expect(bytes.subarray(0, 4).toString()).toBe('%PDF')
    expect(faults).toEqual([])
    await context.close()
  })
})
