// Finds the file and the style of each Element Plus component. The index of the package would bring in all of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const root = new URL('../node_modules/element-plus/es/components/', import.meta.url)

/** Parts that are mended for the keyboard and for screen readers. @type {Record<string, string>} */
const OURS = { ElSelect: '@/components/ElementSelect', ElOptionGroup: '@/components/ElementOptionGroup' }

/** @returns {Map<string, string>} folder of each component, as in ElFormItem → form */
function folders() {
  const found = new Map()
  for (const folder of readdirSync(root)) {
    const index = new URL(`${folder}/index.mjs`, root)
    if (!existsSync(index)) continue
    const exported = /export \{([^}]*)\}/.exec(readFileSync(index, 'utf8'))?.[1] ?? ''
    for (const name of exported.match(/\bEl[A-Z]\w*/g) ?? []) found.set(name, folder)
  }
  return found
}

/** @returns {import('unplugin-vue-components').ComponentResolver} */
export function elementPlusParts() {
  const known = folders()
  return {
    type: 'component',
    resolve: (name) => {
      const folder = known.get(name)
      if (!folder) return undefined
      const kebab = name.slice(2).replace(/\B[A-Z]/g, '-$&').toLowerCase()
      const style = existsSync(new URL(`${kebab}/style/css.mjs`, root)) ? kebab : folder
      const sideEffects = `element-plus/es/components/${style}/style/css`
      if (OURS[name]) return { from: OURS[name], sideEffects }
      return { name, from: `element-plus/es/components/${folder}/index.mjs`, sideEffects }
    },
  }
}
