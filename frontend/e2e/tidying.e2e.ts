import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, leave, signIn, visit } from './support/browser'
import { addMistake, api, createClass, found, invite, type Account, type School } from './support/system'
import { words } from './support/words'

const t = words('zh-CN')
let school: School
let pupil: Account
let room: { id: string; join_code: string }
beforeAll(async () => {
  school = await found('tidying')
  pupil = await invite(school.admin, `${school.teacher.username}_pupil`, '张晓明', 'student')
  room = await createClass(school.teacher, '高二（3）班')
  await api(pupil, 'POST', '/classes/join', { join_code: room.join_code })
  for (let place = 1; place <= 30; place += 1) {
    await addMistake(school.teacher, pupil.id, `Sentence number ${String(place)} ____ right.`, 'are', 'is')
  }
  await addMistake(school.teacher, pupil.id, 'We ____ to the park yesterday.', 'go', 'went')
})
afterAll(leave)

const mistakes = () => api<{ items: unknown[] }>(school.teacher, 'GET', '/mistakes?query=Sentence&limit=100').then(({ items }) => items.length)

describe('a teacher who tidies up', () => {
  it('filters, turns the page, and deletes many at once with a way back', async () => {
    const { context, page, faults } = await visit()
    await page.goto('/mistakes')
    await signIn(page, school.teacher)
    const rows = page.getByRole('main').locator('tbody tr')
    await page.getByRole('textbox', { name: t('mistakes.filter.text') }).fill('Sentence')
    await page.waitForURL('**/mistakes?query=Sentence')
    await expect.poll(() => rows.count()).toBe(25)
    await page.getByRole('button', { name: t('common.action.nextPage') }).click()
    await expect.poll(() => rows.count()).toBe(5)
    await page.reload()
    await page.getByText(t('common.state.page', { page: 2 })).waitFor()
    expect(await page.getByRole('textbox', { name: t('mistakes.filter.text') }).inputValue()).toBe('Sentence')
    await expect.poll(() => rows.count()).toBe(5)

    await page.getByRole('checkbox', { name: t('mistakes.list.chooseAll') }).focus()
    await page.keyboard.press('Space')
    const bar = page.getByRole('region', { name: t('mistakes.bulk.label') })
    await bar.getByText(t('mistakes.bulk.count', { count: 5 })).waitFor()
    expect(await barriers(page)).toEqual([])
    await bar.getByRole('button', { name: t('common.action.delete') }).click()
    await page.getByRole('status').filter({ hasText: t('mistakes.bulk.deleted', { count: 5 }) }).waitFor()
    expect(await mistakes()).toBe(25)
    await page.getByRole('button', { name: t('common.action.undo') }).click()
    await expect.poll(mistakes).toBe(30)
    expect(faults).toEqual([])
    await context.close()
  })

  it('cancels a document that waits, and makes it again', async () => {
    const { context, page, faults } = await visit()
    await page.goto(`/exports?class_id=${room.id}`)
    await signIn(page, school.teacher)
    const make = page.getByRole('button', { name: t('mistakes.export.make') })
    await make.waitFor()
    // One is made after the other: the last one waits for those before.
    const many = Array.from({ length: 200 }, (_, place) => ({
      student_id: pupil.id, type: 'vocabulary', question: `Word number ${String(place)} is ____.`, wrong_answer: 'wrote', correct_answer: 'written',
    }))
    await api(school.teacher, 'POST', '/mistakes/batch', { mistakes: many })
    const order = { document: 'mistake_book', format: 'pdf', student_id: pupil.id }
    for (let count = 0; count < 4; count += 1) await api(school.teacher, 'POST', '/exports/tasks', order)
    await make.click()
    const last = page.getByRole('region', { name: t('book.task.history') }).getByRole('listitem').first()
    await last.getByRole('button', { name: t('book.task.cancel') }).click()
    await last.getByRole('status').filter({ hasText: t('common.task.cancelled') }).waitFor()
    await last.getByRole('button', { name: t('book.task.again') }).click()
    await last.getByRole('status').filter({ hasText: t('common.task.completed') }).waitFor({ timeout: 60_000 })
    expect(faults).toEqual([])
    await context.close()
  })

  it('takes a roster back, shows the join code, and archives the class with a way back', async () => {
    const { context, page, faults } = await visit()
    await page.goto(`/classes/${room.id}/import`)
    await signIn(page, school.teacher)
    const roster = '学号,姓名\r\n20260301,李雷\r\n20260302,韩梅\r\n'
    await page.getByLabel(t('common.drop.choose')).setInputFiles({ name: '名单.csv', mimeType: 'text/csv', buffer: Buffer.from(roster) })
    await page.getByRole('button', { name: t('roster.commit', { count: 2 }) }).click()
    await page.getByRole('heading', { name: t('roster.done') }).waitFor()
    await page.getByRole('button', { name: t('roster.undo') }).click()
    await page.getByRole('dialog').getByRole('button', { name: t('roster.undo') }).click()
    await page.getByRole('heading', { name: t('roster.undone') }).waitFor()
    await page.getByRole('link', { name: t('roster.toClass') }).click()
    await page.getByRole('row').filter({ hasText: '张晓明' }).waitFor()
    expect(await page.getByRole('row').filter({ hasText: '李雷' }).count()).toBe(0)

    await page.getByRole('button', { name: t('classes.join.show') }).click()
    const board = page.getByRole('dialog', { name: t('classes.join.title') })
    await board.getByText(room.join_code, { exact: true }).waitFor()
    expect(await barriers(page)).toEqual([])
    await page.keyboard.press('Escape')
    await board.waitFor({ state: 'hidden' })

    await page.getByRole('link', { name: t('classes.detail.settingsTab') }).click()
    await page.getByRole('button', { name: t('classes.settings.archive') }).click()
    await page.getByText(t('classes.detail.archived')).waitFor()
    await page.getByRole('button', { name: t('common.action.undo') }).click()
    await page.getByText(t('classes.detail.archived')).waitFor({ state: 'hidden' })
    expect(await api(school.teacher, 'GET', `/classes/${room.id}`)).toMatchObject({ status: 'active' })
    expect(faults).toEqual([])
    await context.close()
  })

  it('has a text checked, and another one measured', async () => {
    const { context, page, faults } = await visit()
    await page.goto('/tools')
    await signIn(page, school.teacher)
    await page.getByRole('textbox', { name: t('mistakes.tool.text') }).fill('He go to school every day.')
    await page.getByRole('button', { name: t('mistakes.check.go'), exact: true }).click()
    const result = page.getByRole('region', { name: t('mistakes.check.result') })
    await result.getByText('goes').first().waitFor()
    await result.getByRole('button', { name: t('mistakes.check.applyAll') }).click()
    expect(await page.getByRole('textbox', { name: t('mistakes.tool.text') }).inputValue()).toBe('He goes to school every day.')

    await page.goto('/tools?tool=profile')
    await page.getByRole('textbox', { name: t('mistakes.tool.text') }).fill('The committee deliberated about the unprecedented circumstances.')
    await page.getByRole('button', { name: t('mistakes.profile.go'), exact: true }).click()
    const profile = page.getByRole('region', { name: t('mistakes.profile.result') })
    await profile.getByRole('status').getByText('7', { exact: true }).first().waitFor()
    expect(await barriers(page)).toEqual([])
    expect(faults).toEqual([])
    await context.close()
  })
})
