import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, leave, signIn, visit } from './support/browser'
import { addMistake, api, createClass, found, invite, type School } from './support/system'
import { LOOKS, words } from './support/words'

afterAll(leave)

describe.each(LOOKS)('a teacher at $width in $locale', ({ width, locale }) => {
  const t = words(locale)
  const [room, name, other] = ['高二（3）班', '张晓明', '陈静']
  let school: School
  beforeAll(async () => {
    school = await found(`teaching${String(width)}`)
  })

  it('brings a class in, records a mistake and prints a book', async () => {
    const { context, page, faults } = await visit({ width, locale })
    await page.goto('/classes')
    await signIn(page, school.teacher)

    // A class of their own.
    await page.getByRole('button', { name: t('classes.list.create') }).first().click()
    const form = page.getByRole('dialog', { name: t('classes.form.create') })
    await form.getByLabel(t('classes.form.name')).fill(room)
    await form.getByLabel(t('classes.form.grade')).fill('高二')
    await form.getByRole('button', { name: t('common.action.save') }).click()
    await page.getByRole('heading', { name: room, level: 1 }).waitFor()

    // The roster: a wrong file says why, then the right one is checked and confirmed.
    await page.getByRole('link', { name: t('classes.detail.import') }).first().click()
    const file = page.getByLabel(t('common.drop.choose'))
    await file.setInputFiles({ name: '照片.csv', mimeType: 'text/csv', buffer: Buffer.from('甲,乙\r\n1,2\r\n') })
    const refused = page.getByRole('alert').filter({ hasText: t('common.problem.MISSING_COLUMN') })
    await refused.filter({ hasText: locale === 'zh-CN' ? '学号和姓名' : 'Student No. and Name' }).waitFor()
    const commit = page.getByRole('button', { name: t('roster.commit', { count: 2 }) })
    expect(await commit.count()).toBe(0)
    await file.setInputFiles({ name: '高二3班.csv', mimeType: 'text/csv', buffer: Buffer.from(`学号,姓名\r\n20260301,${name}\r\n20260302,${other}\r\n20260303,\r\n`) })
    const reason = t('roster.of', { field: t('roster.field.full_name') }) + t('roster.problem.REQUIRED')
    await page.getByRole('row').filter({ hasText: '20260303' }).filter({ hasText: reason }).waitFor()
    expect(await barriers(page)).toEqual([])
    await commit.click()
    await page.getByRole('heading', { name: t('roster.done') }).waitFor()

    // The first passwords, which are shown this once.
    await page.getByRole('button', { name: t('roster.take') }).click()
    await page.getByRole('button', { name: t('roster.takeNow') }).click()
    await page.getByRole('row').filter({ hasText: name }).waitFor()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: t('roster.save') }).click()
    const passwords = await readFile(await (await saved).path(), 'utf8')
    expect(passwords.trim().split('\r\n').slice(1).map((line) => line.split(',')[1])).toEqual([name, other])
    await page.getByRole('button', { name: t('roster.finished'), exact: true }).click()
    await page.getByText(t('roster.takenNote')).waitFor()
    await page.getByRole('link', { name: t('roster.toClass') }).click()
    await page.getByRole('row').filter({ hasText: other }).waitFor()

    // A mistake by the keyboard alone.
    await page.goto('/mistakes/new')
    await page.getByRole('combobox', { name: t('book.field.pupil') }).focus()
    await page.keyboard.type(name)
    await page.getByRole('option', { name: new RegExp(name) }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: new RegExp(`^${t('book.field.question')}`) }).focus()
    await page.keyboard.type('She ____ to school by bike every day.')
    await page.getByRole('textbox', { name: new RegExp(`^${t('book.field.wrong')}`) }).focus()
    await page.keyboard.type('go')
    await page.keyboard.press('Tab')
    await page.keyboard.type('goes')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('status').filter({ hasText: t('mistakes.entry.saved', { name }) }).waitFor()

    // Its analysis comes by itself, and says where it comes from.
    await page.getByRole('link', { name: 'She ____ to school by bike every day.' }).click()
    await page.getByText(t('common.paper.byRules')).first().waitFor({ timeout: 30_000 })
    await page.getByText(t('common.paper.whyRight')).first().waitFor()
    expect(await barriers(page)).toEqual([])

    // Where the class is weak, and its figures.
    await page.goto('/classes')
    await page.getByRole('link', { name: room }).click()
    await page.getByRole('link', { name: t('classes.detail.weakTab') }).click()
    await page.getByRole('button', { name: t('common.chart.table') }).click()
    await page.getByRole('button', { name: new RegExp(`${t('classes.weak.show')}$`) }).first().click()
    await page.getByRole('region', { name: new RegExp(t('classes.weak.who').split('{name}')[1] ?? '') }).getByText(name).waitFor()
    await page.getByRole('link', { name: t('classes.detail.activityTab') }).click()
    await page.getByRole('table', { name: t('classes.activity.byType') }).getByRole('row', { name: new RegExp(`^${t('common.type.grammar')}`) }).waitFor()

    // The books of the class: live progress, then the book of one pupil as a PDF.
    await page.getByRole('link', { name: t('classes.detail.books') }).click()
    await page.getByRole('button', { name: t('mistakes.export.make') }).click()
    const history = page.getByRole('region', { name: t('book.task.history') })
    await history.getByRole('status').filter({ hasText: t('common.task.completed') }).waitFor({ timeout: 30_000 })
    await page.goto('/exports')
    await page.getByRole('radio', { name: t('mistakes.export.pupils') }).check({ force: true })
    await page.getByRole('combobox', { name: t('book.field.pupil') }).fill(name)
    await page.getByRole('option', { name: new RegExp(name) }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: t('mistakes.export.make') }).click()
    const book = history.getByRole('listitem').filter({ hasText: 'PDF' }).filter({ hasNotText: 'ZIP' })
    await book.getByRole('button', { name: t('book.task.preview') }).click({ timeout: 30_000 })
    const preview = page.getByRole('dialog')
    await preview.locator('iframe').waitFor()
    const download = page.waitForEvent('download')
    await preview.getByRole('button', { name: t('common.action.download') }).click()
    const bytes = await readFile(await (await download).path())
    expect(bytes.subarray(0, 4).toString()).toBe('%PDF')
    expect(faults).toEqual([])
    await context.close()
  })
})

describe('a teacher', () => {
  let school: School
  beforeAll(async () => {
    school = await found('teaching')
  })

  it('imports mistakes from a table and takes that back', async () => {
    const pupil = await invite(school.admin, `${school.teacher.username}_import`, '周明', 'student')
    const room = await createClass(school.teacher, '高二（4）班')
    await api(pupil, 'POST', '/classes/join', { join_code: room.join_code })
    const { context, page, faults } = await visit()
    await page.goto(`/mistakes/imports?class_id=${room.id}`)
    await signIn(page, school.teacher)
    const table = '姓名,题目,错误答案,正确答案,类型\r\n周明,I have lived here ____ 2019.,for,since,语法\r\n周明,,a,b,语法\r\n'
    await page.getByLabel('选择文件').setInputFiles({ name: '错题.csv', mimeType: 'text/csv', buffer: Buffer.from(table) })
    await page.getByRole('button', { name: '确认导入 1 题' }).click()
    await page.getByRole('button', { name: '撤销导入' }).waitFor()
    const count = async () => (await api<{ items: unknown[] }>(pupil, 'GET', '/mistakes')).items.length
    expect(await count()).toBe(1)
    await page.getByRole('button', { name: '撤销导入' }).click()
    const asked = page.getByRole('dialog')
    await asked.getByText('撤销这次导入').first().waitFor()
    expect(await barriers(page)).toEqual([])
    await asked.getByRole('button', { name: '撤销导入' }).click()
    await page.getByRole('status').filter({ hasText: '这次导入已在' }).waitFor()
    expect(await count()).toBe(0)
    expect(faults).toEqual([])
    await context.close()
  })

  it('decides between two versions when somebody else has changed the same mistake', async () => {
    const pupil = await invite(school.admin, `${school.teacher.username}_edit`, '吴静', 'student')
    const room = await createClass(school.teacher, '高二（5）班')
    await api(pupil, 'POST', '/classes/join', { join_code: room.join_code })
    const mistake = await addMistake(school.teacher, pupil.id, 'We ____ to the park yesterday.', 'go', 'goes')
    const { context, page, faults } = await visit()
    await page.goto(`/mistakes/${mistake.id}`)
    await signIn(page, school.teacher)
    await page.getByRole('button', { name: '编辑' }).click()
    const form = page.getByRole('dialog', { name: '修改错题' })
    const right = form.getByRole('textbox', { name: /^正确答案/ })
    await right.fill('went')
    const { version } = await api<{ version: number }>(school.teacher, 'GET', `/mistakes/${mistake.id}`)
    await api(school.teacher, 'PATCH', `/mistakes/${mistake.id}`, { correct_answer: 'walked', version })
    await form.getByRole('button', { name: '保存' }).click()
    await form.getByRole('alert').getByRole('cell', { name: 'walked' }).waitFor()
    expect(await right.inputValue()).toBe('went')
    expect(await barriers(page)).toEqual([])
    await form.getByRole('button', { name: '保存我的修改' }).click()
    await form.waitFor({ state: 'hidden' })
    expect(await api(school.teacher, 'GET', `/mistakes/${mistake.id}`)).toMatchObject({ correct_answer: 'went' })
    expect(faults).toEqual([])
    await context.close()
  })
})
