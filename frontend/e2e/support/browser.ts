import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFailed } from 'vitest'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { base, password, zone, type Account } from './system'

/** What a visitor's browser is like. */
export interface Visitor {
  width?: 1280 | 390
  theme?: 'light' | 'dark'
  locale?: 'zh-CN' | 'en-US'
}

let browser: Browser | undefined

/** Opens a browser of its own for one visitor, who has never been here. */
export async function visit({ width = 1280, theme = 'light', locale = 'zh-CN' }: Visitor = {}): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
  browser ??= await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const context = await browser.newContext({
    baseURL: base,
    viewport: { width, height: width === 390 ? 844 : 800 },
    hasTouch: width === 390,
    colorScheme: theme,
    locale,
    timezoneId: zone,
    reducedMotion: 'reduce',
    acceptDownloads: true,
    // nginx has made its certificate for itself.
    ignoreHTTPSErrors: true,
  })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  onTestFailed(async ({ task }) => {
    const path = join(tmpdir(), `journey-${task.id}.png`)
    await page.screenshot({ path }).catch(() => undefined)
    process.stderr.write(`${task.name}: ${page.url()} looked like ${path}\n`)
  })
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  // A violation of the Content-Security-Policy is said on the console alone.
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text())
  })
  return { context, page, faults }
}

/** Ends the browser; to be called after all tests of a file. */
export async function leave(): Promise<void> {
  await browser?.close()
  browser = undefined
}

/** Signs in on the page that asks for it. */
export async function signIn(page: Page, account: Account | string, secret = password): Promise<void> {
  await page.locator('input[autocomplete=username]').fill(typeof account === 'string' ? account : account.username)
  await page.locator('input[autocomplete=current-password]').fill(secret)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  impact: string | null
  help: string
  nodes: { target: unknown[]; failureSummary?: string }[]
}

/** Returns what axe-core finds serious or critical on the page as it is, once its lists are there: one that is fetched anew is dimmed. */
export async function barriers(page: Page): Promise<string[]> {
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
  // Evaluated by the debugger, to which the page's policy does not apply.
  await page.evaluate(axe)
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: unknown) => Promise<{ violations: unknown[] }> } }
    return (await axe.run({ resultTypes: ['violations'] })).violations
  })
  return (found as Violation[])
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help} at ${JSON.stringify(nodes.slice(0, 3).map(({ target }) => target))}`)
}
