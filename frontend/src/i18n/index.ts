import { createI18n } from 'vue-i18n'
import zhCommon from './zh-CN/common'

export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]

/** The same keys with other texts: `const en: Same<typeof zh> = …`. */
export type Same<T> = { [K in keyof T]: T[K] extends string ? string : Same<T[K]> }

type Messages = { default: Record<string, unknown> }
/** Every file `src/i18n/<locale>/<area>.ts` is found by itself; its keys begin with the name of the file. */
const files = import.meta.glob<Messages>(['./zh-CN/*.ts', './en/*.ts', '!./zh-CN/common.ts'])

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN' as Locale,
  fallbackLocale: 'zh-CN' as Locale,
  messages: { 'zh-CN': { common: zhCommon }, en: {} } as unknown as Record<Locale, Record<string, object>>,
  missingWarn: false,
  fallbackWarn: false,
})

const areas = new Set(['common'])
const loaded = new Set(['zh-CN/common'])

async function load(locale: Locale, area: string): Promise<void> {
  const name = `${locale}/${area}`
  const file = files[`./${name}.ts`]
  if (loaded.has(name) || !file) return
  const messages = await file()
  i18n.global.mergeLocaleMessage(locale, { [area]: messages.default } as never)
  loaded.add(name)
}

/** Loads the texts of an area in the language in use; the router does this for every route's `meta.area`. */
export async function loadArea(area: string): Promise<void> {
  areas.add(area)
  await load(i18n.global.locale.value, area)
}

export async function setLocale(locale: Locale): Promise<void> {
  await Promise.all([...areas].map((area) => load(locale, area)))
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}
