// Fails the build when the sign-in page, the first that anybody loads, is heavier than it may be.
import { readFileSync, rmSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const most = 200_000
const pages = ['index.html', 'src/areas/account/SignIn.vue', 'src/i18n/en/common.ts', 'src/i18n/en/account.ts']

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
rmSync(new URL('.vite', dist), { recursive: true })

const files = new Set(['index.html'])
/** @param {string} name */
function collect(name) {
  const { file, css = [], imports = [] } = manifest[name]
  if (files.has(file)) return
  for (const each of [file, ...css]) files.add(each)
  imports.forEach(collect)
}
pages.forEach(collect)

const weight = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length, 0)
const words = `the sign-in page weighs ${(weight / 1000).toFixed(0)} KB compressed, ${files.size} files`
if (weight > most) {
  console.error(`${words}; at most ${most / 1000} KB are allowed`)
  process.exit(1)
}
console.log(words)
