import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leave, signIn, visit } from './support/browser'
import { settled } from './support/sound'
import { api, createClass, found, upload, type School } from './support/system'
import { words } from './support/words'

const SIZE = 50
let school: School
let room: { id: string }
beforeAll(async () => {
  school = await found('dense')
  room = await createClass(school.teacher, '高二（5）班')
  const rows = Array.from({ length: SIZE }, (_, n) => `2026${String(1001 + n)},${n === 20 ? '阿卜杜热合曼·买买提明' : `王同学${String(n)}`}`)
  const roster = await upload(school.teacher, '/roster-imports', room.id, `学号,姓名\r\n${rows.join('\r\n')}\r\n`)
  await api(school.teacher, 'POST', `/roster-imports/${roster}/commit`)
})
afterAll(leave)

describe.each(['zh-CN', 'en-US'] as const)('in %s', (locale) => {
  it('a class of fifty fits on a screen, and everything of it can be hit', async () => {
    const t = words(locale)
    const { context, page } = await visit({ locale })
    await page.goto(`/classes/${room.id}`)
    await signIn(page, school.teacher)
    await settled(page)
    const table = page.locator('main table')
    expect(await table.getByRole('link').count()).toBe(SIZE)
    const heights = () => page.evaluate(() => [document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth])
    const [height = 0, seen = 0, width = 0, wide = 0] = await heights()
    expect(height).toBeLessThanOrEqual(seen)
    expect(width).toBeLessThanOrEqual(wide)
    const small = await table.locator('a, button, label').evaluateAll((all) =>
      all.map((one) => one.getBoundingClientRect()).filter(({ width, height }) => width < 24 || height < 24).length,
    )
    expect(small).toBe(0)

    // Figures that have no column come by the order.
    await page.getByRole('combobox', { name: t('classes.pupils.order') }).focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('option', { name: t('classes.pupils.by', { name: t('classes.pupils.last') }) }).click()
    await table.getByRole('columnheader', { name: t('classes.pupils.last') }).first().waitFor()
    expect(await table.getByRole('link').count()).toBe(SIZE)
    await context.close()
  })
})
