// Writes src/api/schema.d.ts from the gateway's OpenAPI document.
import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const source = new URL('../../gateway/openapi.json', import.meta.url)
const target = new URL('../src/api/schema.d.ts', import.meta.url)

const text = await readFile(source, 'utf8')
const schemas = JSON.parse(text).components.schemas
// A reference that leads nowhere is read as text; everything else is taken as it stands.
const document = JSON.parse(text, (_key, value) => {
  const name = /^#\/components\/schemas\/(.+)$/.exec(value?.$ref ?? '')?.[1]
  return name && !(name in schemas) ? { type: 'string' } : value
})
const types = await openapiTS(document, { defaultNonNullable: false })
await writeFile(target, `// Generated from gateway/openapi.json; not kept in git.\n${astToString(types)}`)
