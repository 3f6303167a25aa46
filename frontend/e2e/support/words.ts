import type { Visitor } from './browser'

type Texts = { [key: string]: string | Texts }
const files = import.meta.glob<Texts>('../../src/i18n/*/*.ts', { eager: true, import: 'default' })

/** The looks in which every role does its main job: a desk in Chinese, a phone in English. */
export const LOOKS: { width: 1280 | 390; locale: Visitor['locale'] & string }[] = [
  { width: 1280, locale: 'zh-CN' },
  { width: 390, locale: 'en-US' },
]

/** `words('zh-CN')('classes.list.create')`: what the client says there, with `{name}` filled in. */
export function words(locale: Visitor['locale'] & string) {
  const folder = locale === 'zh-CN' ? 'zh-CN' : 'en'
  return (key: string, fill: Record<string, string | number> = {}): string => {
    const [file = '', ...path] = key.split('.')
    const found = path.reduce<string | Texts | undefined>((part, name) => (typeof part === 'object' ? part[name] : undefined), files[`../../src/i18n/${folder}/${file}.ts`])
    if (typeof found !== 'string') throw new Error(`${folder} has no text ${key}`)
    const forms = found.split(' | ')
    const form = (fill['count'] === 1 ? forms[0] : forms.at(-1)) ?? ''
    return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole))
  }
}
