// Fills a running system with a school through its API, and takes the pictures of docs/ from it:
// `node scripts/screenshots.mjs http://127.0.0.1:8000`. The system is one for trying: registration is open, limits are high.
import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const base = process.argv[2] ?? 'http://127.0.0.1:8000'
const docs = fileURLToPath(new URL('../docs/', import.meta.url))
const password = 'Passw0rd2026'
const stamp = Date.now() % 1_000_000
const DAY = 86_400_000

const QUESTIONS = [
  ['grammar', 'She ____ to school by bike every day.', 'go', 'goes'],
  ['grammar', 'There ____ many books on the desk.', 'is', 'are'],
  ['grammar', 'I have lived in this city ____ 2019.', 'for', 'since'],
  ['grammar', 'He is good ____ playing chess.', 'in', 'at'],
  ['grammar', 'If I ____ you, I would take an umbrella.', 'was', 'were'],
  ['grammar', 'The letter ____ yesterday by my sister.', 'wrote', 'was written'],
  ['grammar', 'My father enjoys ____ in the river.', 'to swim', 'swimming'],
  ['grammar', 'This is the house ____ my grandparents lived in.', 'where', 'which'],
  ['grammar', 'We ____ dinner when the phone rang.', 'have', 'were having'],
  ['grammar', 'It was ____ interesting film that we saw it twice.', 'so', 'such an'],
  ['grammar', 'Neither of the answers ____ right.', 'are', 'is'],
  ['grammar', 'By the time we arrived, the train ____.', 'left', 'had left'],
  ['vocabulary', 'Smoking has a bad ____ on your health.', 'affect', 'effect'],
  ['vocabulary', 'The teacher gave us some useful ____.', 'advices', 'advice'],
  ['vocabulary', 'He ____ the chance to study abroad.', 'excepted', 'accepted'],
]
const NAMES = [...'赵钱孙李周吴郑王冯陈褚卫'].flatMap((family, place) => ['静', '明华', '雨桐'].map((given, turn) => `${family}${place % 2 && turn === 1 ? '晓峰' : given}`))

/**
 * @param {string | undefined} token
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
async function api(token, method, path, body) {
  const headers = { ...(body ? { 'content-type': 'application/json' } : {}), ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const response = await fetch(`${base}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text ? JSON.parse(text) : undefined
}
/**
 * @param {string} name
 * @param {string} full_name
 * @param {string} role
 * @param {object} more
 */
async function register(name, full_name, role, more) {
  const username = `${name}_${stamp}`
  const { access_token: token, user } = await api(undefined, 'POST', '/auth/register', { username, password, full_name, role, ...more })
  return { username, token, id: user.id }
}
/**
 * @param {{ token: string }} admin
 * @param {string} role
 * @param {number} max_uses
 */
async function invite(admin, role, max_uses) {
  return (await api(admin.token, 'POST', '/organizations/current/invitations', { role, max_uses })).code
}

/** A school with one class that has worked for some weeks. */
async function fill() {
  const admin = await register('head', '周校长', 'teacher', { organization_name: '滨江中学' })
  const teacher = await register('teacher', '李老师', 'teacher', { invitation_code: await invite(admin, 'teacher', 1) })
  const room = await api(teacher.token, 'POST', '/classes', { name: '高二（3）班', grade: '高二', semester: '2026-2027-1' })
  const code = await invite(admin, 'student', NAMES.length)
  const pupils = []
  for (const [place, name] of NAMES.entries()) {
    const pupil = await register(`pupil${place}`, name, 'student', { invitation_code: code })
    await api(pupil.token, 'POST', '/classes/join', { join_code: room.join_code })
    // Not everybody has trouble with everything: the first questions trip the most.
    const own = QUESTIONS.filter((_, number) => (place * 7 + number * 5) % (number + 4) < 3)
    const mistakes = own.map(([type, question, wrong_answer, correct_answer], number) => ({
      student_id: pupil.id, type, question, wrong_answer, correct_answer,
      mistaken_at: new Date(Date.now() - ((place * 5 + number * 11) % 50) * DAY).toISOString(), source: '期中考试',
    }))
    const { items } = await api(teacher.token, 'POST', '/mistakes/batch', { mistakes })
    pupils.push({ ...pupil, name, mistakes: items })
  }
  for (const state of ['queued', 'running', 'queued', 'running']) {
    while ((await api(teacher.token, 'GET', `/mistakes?analysis_status=${state}&limit=1`)).items.length > 0) await sleep(1_000)
  }
  for (const pupil of pupils.slice(0, 24)) {
    for (const { id, correct_answer } of pupil.mistakes.slice(0, 4)) {
      const answer = id.charCodeAt(id.length - 1) % 4 ? correct_answer : 'something else'
      await api(pupil.token, 'POST', `/reviews/${id}/answers`, { id: crypto.randomUUID(), answer })
    }
  }
  return { teacher, room, pupils }
}

const { teacher, room, pupils } = await fill()
mkdirSync(docs, { recursive: true })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })

/**
 * @param {{ username: string }} account
 * @param {{ width?: number, height?: number, theme?: 'light' | 'dark' }} [look]
 */
async function enter({ username }, { width = 1280, height = 800, theme = 'light' } = {}) {
  const context = await browser.newContext({
    baseURL: base, viewport: { width, height }, hasTouch: width < 500, colorScheme: theme, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.goto('/account')
  await page.locator('input[autocomplete=username]').fill(username)
  await page.locator('input[autocomplete=current-password]').fill(password)
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => localStorage.getItem('ai-english.session'))
  return page
}
/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {string} address
 */
async function shoot(page, name, address) {
  await page.goto(address)
  await page.locator('h1').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => document.querySelectorAll('.el-skeleton').length === 0)
  await page.waitForTimeout(1_000)
  await page.screenshot({ path: `${docs}${name}.png` })
}

const desk = await enter(teacher)
await shoot(desk, 'dashboard', '/dashboard')
await shoot(desk, 'weak-points', `/classes/${room.id}?tab=weak`)
await shoot(desk, 'mistake', `/mistakes/${pupils[0].mistakes[0].id}`)
await desk.goto(`/exports?student_ids=${pupils[0].id}`)
await api(teacher.token, 'POST', '/exports/tasks', { document: 'mistake_book', format: 'pdf', student_id: pupils[0].id })
await desk.reload()
await desk.getByRole('button', { name: '预览' }).first().click({ timeout: 60_000 })
await desk.locator('iframe').waitFor()
await desk.waitForTimeout(3_000)
await desk.screenshot({ path: `${docs}export-preview.png` })
await shoot(await enter(pupils[30], { theme: 'dark' }), 'today-dark', '/today')
const phone = await enter(pupils[30], { width: 390, height: 844 })
await phone.goto('/review')
const look = phone.getByRole('button', { name: '看答案' })
const written = phone.getByRole('textbox', { name: '写下你的答案' })
await look.or(written).first().waitFor()
if ((await look.count()) > 0) await look.click()
else {
  await written.fill('goes')
  await phone.getByRole('button', { name: '提交答案' }).click()
  await phone.getByRole('status').filter({ hasText: /答对了|没关系/ }).waitFor()
}
await phone.locator('h1').first().waitFor()
await phone.waitForTimeout(500)
await phone.screenshot({ path: `${docs}review-phone.png` })
await browser.close()
