import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, leave, signIn, visit } from './support/browser'
import { addMistake, api, createClass, found, invite, type School } from './support/system'

let school: School
beforeAll(async () => {
  school = await found('teaching')
})
afterAll(leave)

describe('a teacher', () => {
  it('brings a class in, records a mistake and prints a book', async () => {
    const { context, page, faults } = await visit()
    await page.goto('/classes')
    await signIn(page, school.teacher)

    // A class of their own.
    await page.getByRole('button', { name: '新建班级' }).first().click()
    const form = page.getByRole('dialog', { name: '新建班级' })
    await form.getByLabel('班级名称').fill('高二（3）班')
    await form.getByLabel('年级').fill('高二')
    await form.getByRole('button', { name: '保存' }).click()
    await page.getByRole('heading', { name: '高二（3）班', level: 1 }).waitFor()

    // The roster: a wrong file says why, then the right one is checked and confirmed.
    await page.getByRole('link', { name: '导入名单' }).first().click()
    const file = page.getByLabel('选择文件')
    await file.setInputFiles({ name: '照片.csv', mimeType: 'text/csv', buffer: Buffer.from('甲,乙\r\n1,2\r\n') })
    await page.getByRole('alert').filter({ hasText: '缺少必需的列' }).waitFor()
    expect(await page.getByRole('button', { name: /确认导入/ }).count()).toBe(0)
    const roster = '学号,姓名\r\n20260301,张晓明\r\n20260302,陈静\r\n20260303,\r\n'
    await file.setInputFiles({ name: '高二3班.csv', mimeType: 'text/csv', buffer: Buffer.from(roster) })
    await page.getByRole('button', { name: '确认导入（2 人）' }).click()
    await page.getByRole('heading', { name: '导入完成' }).waitFor()

    // The first passwords, which are shown this once.
    await page.getByRole('button', { name: '取出初始密码' }).click()
    await page.getByRole('button', { name: '现在取出' }).click()
    await page.getByRole('row').filter({ hasText: '张晓明' }).waitFor()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: '保存为 CSV' }).click()
    const passwords = await readFile(await (await saved).path(), 'utf8')
    expect(passwords.trim().split('\r\n').slice(1).map((line) => line.split(',')[1])).toEqual(['张晓明', '陈静'])
    await page.getByRole('button', { name: '完成', exact: true }).click()
    await page.getByText('初始密码已经取出过了').waitFor()
    await page.getByRole('link', { name: '查看班级' }).click()
    await page.getByRole('row').filter({ hasText: '陈静' }).waitFor()

    // A mistake by the keyboard alone.
    await page.goto('/mistakes/new')
    await page.getByRole('combobox', { name: '学生' }).focus()
    await page.keyboard.type('张晓明')
    await page.getByRole('option', { name: /张晓明/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByLabel('题目', { exact: false }).and(page.getByRole('textbox')).first().focus()
    await page.keyboard.type('She ____ to school by bike every day.')
    await page.getByRole('textbox', { name: /^错误答案/ }).focus()
    await page.keyboard.type('go')
    await page.keyboard.press('Tab')
    await page.keyboard.type('goes')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('status').filter({ hasText: '张晓明 的错题已录入' }).waitFor()

    // Its analysis comes by itself, and says where it comes from.
    await page.getByRole('link', { name: 'She ____ to school by bike every day.' }).click()
    await page.getByText('规则引擎分析').first().waitFor({ timeout: 30_000 })
    await page.getByText('为什么这样才对').first().waitFor()
    expect(await barriers(page)).toEqual([])

    // Where the class is weak, and its figures.
    await page.goto('/classes')
    await page.getByRole('link', { name: '高二（3）班' }).click()
    await page.getByRole('link', { name: '薄弱知识点' }).click()
    await page.getByRole('button', { name: '查看数据表' }).click()
    await page.getByRole('button', { name: /查看学生$/ }).first().click()
    await page.getByRole('region', { name: /哪些学生/ }).getByText('张晓明').waitFor()
    await page.getByRole('link', { name: '学习情况' }).click()
    await page.getByRole('table', { name: '错题类型' }).getByRole('row', { name: /^语法/ }).waitFor()

    // The books of the class: live progress, then the book of one pupil as a PDF.
    await page.getByRole('link', { name: '打印错题本' }).click()
    await page.getByRole('button', { name: '生成错题本' }).click()
    const history = page.getByRole('region', { name: '生成记录' })
    await history.getByRole('status').filter({ hasText: '已完成' }).waitFor({ timeout: 30_000 })
    await page.goto('/exports')
    await page.getByRole('radio', { name: '按学生' }).check({ force: true })
    await page.getByRole('combobox', { name: '学生' }).fill('张晓明')
    await page.getByRole('option', { name: /张晓明/ }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '生成错题本' }).click()
    const book = history.getByRole('listitem').filter({ hasText: 'PDF' }).filter({ hasNotText: 'ZIP' })
    await book.getByRole('button', { name: '预览' }).click({ timeout: 30_000 })
    const preview = page.getByRole('dialog')
    await preview.locator('iframe').waitFor()
    const download = page.waitForEvent('download')
    await preview.getByRole('button', { name: '下载' }).click()
    const bytes = await readFile(await (await download).path())
    expect(bytes.subarray(0, 4).toString()).toBe('%PDF')
    expect(faults).toEqual([])
    await context.close()
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
