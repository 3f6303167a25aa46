// Writes .br and .gz beside every text file of the build, for servers that hand them out as they are.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const folder = new URL('../dist/', import.meta.url).pathname
const text = /\.(js|css|html|svg|json|txt|webmanifest)$/
const smallest = 1024

for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !text.test(entry.name)) continue
  const path = join(entry.parentPath, entry.name)
  const content = await readFile(path)
  if (content.length < smallest) continue
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }
  await writeFile(`${path}.br`, brotliCompressSync(content, brotli))
  await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }))
}
