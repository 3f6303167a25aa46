// Prints the bill of materials (CycloneDX, JSON) of the web client: every package that its build may take code from.
import { readFile } from 'node:fs/promises'

/** @param {string} name */
const read = async (name) => JSON.parse(await readFile(new URL(`../${name}`, import.meta.url), 'utf8'))
const { name, version, license } = await read('package.json')
const { packages } = await read('package-lock.json')

/** @param {string | undefined} expression */
const licenses = (expression) => (expression ? { licenses: [{ expression }] } : {})
const components = Object.entries(packages)
  .filter(([path, { dev, optional }]) => path !== '' && !dev && !optional)
  .map(([path, { version, license, integrity }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return {
      type: 'library',
      'bom-ref': path,
      name,
      version,
      ...licenses(license),
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    }
  })

const application = { type: 'application', 'bom-ref': name, name, version, ...licenses(license) }
console.log(`{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
"metadata": {"component": ${JSON.stringify(application)}},
"components": [
${components.map((component) => JSON.stringify(component)).join(',\n')}
]}`)
