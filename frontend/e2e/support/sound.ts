import type { Page } from 'playwright-core'
import { barriers } from './browser'

const KEY = /\b(common|account|accounts|admin|book|classes|mistakes|pupils|roster|student|teacher-home)(\.[a-zA-Z]+)+/

/** Waits until the page shows what it loaded. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => document.querySelectorAll('.el-skeleton, .el-loading-mask').length === 0)
}

async function tooWide(page: Page): Promise<string[]> {
  // Charts follow a change of width a moment later.
  await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, undefined, { timeout: 2_000 }).catch(() => undefined)
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const)
  return width[0] > width[1] ? [`is ${String(width[0])} wide in ${String(width[1])}`] : []
}

/** What is wrong with the page as it is; a phone is also tried as the narrowest one. */
export async function complaints(page: Page): Promise<string[]> {
  const text = await page.locator('body').innerText()
  const size = page.viewportSize()
  const found = [
    ...(KEY.exec(text) ?? []).slice(0, 1).map((key) => `shows the key ${key}`),
    ...(await tooWide(page)),
    ...(await barriers(page)),
  ]
  if (size?.width !== 390) return found
  await page.setViewportSize({ ...size, width: 360 })
  found.push(...(await tooWide(page)))
  await page.setViewportSize(size)
  return found
}
