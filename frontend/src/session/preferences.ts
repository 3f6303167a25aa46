import { computed, ref, watchEffect } from 'vue'
import { i18n, LOCALES, setLocale, type Locale } from '@/i18n'

const KEY = 'ai-english.preferences'

export type Theme = 'system' | 'light' | 'dark'
interface Preferences {
  theme: Theme
  locale: Locale
}

function stored(): Record<string, Partial<Preferences>> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, Partial<Preferences>>
  } catch {
    return {}
  }
}

const LAST = 'last'
const dark = matchMedia('(prefers-color-scheme: dark)')
const systemDark = ref(dark.matches)
dark.addEventListener('change', (event) => (systemDark.value = event.matches))

let owner = LAST
const theme = ref<Theme>(stored()[LAST]?.theme ?? 'system')
const shownTheme = computed(() => (theme.value === 'system' ? (systemDark.value ? 'dark' : 'light') : theme.value))

function keep(change: Partial<Preferences>): void {
  const all = stored()
  for (const name of new Set([owner, LAST])) all[name] = { ...all[name], ...change }
  localStorage.setItem(KEY, JSON.stringify(all))
}

/** Theme and language: of the user who is signed in, else of whoever used this browser last. */
export const preferences = {
  theme,
  /** What is shown: `light` or `dark`. */
  shownTheme,
  locale: i18n.global.locale,

  setTheme(value: Theme): void {
    theme.value = value
    keep({ theme: value })
  },
  async setLocale(value: Locale): Promise<void> {
    await setLocale(value)
    keep({ locale: value })
  },
  /** Takes over what a user has chosen; the account wins over this browser. */
  async follow(user: { id: string; locale?: string | null; preferences?: { theme: Theme } } | null): Promise<void> {
    owner = user?.id ?? LAST
    const own = stored()[owner] ?? {}
    theme.value = user?.preferences?.theme ?? own.theme ?? theme.value
    const wanted = LOCALES.find((locale) => locale === user?.locale) ?? own.locale
    if (wanted && wanted !== i18n.global.locale.value) await setLocale(wanted)
  },
  /** The language to begin with. */
  firstLocale(): Locale {
    const chosen = stored()[LAST]?.locale
    if (chosen) return chosen
    return navigator.languages.length > 0 && !navigator.languages.some((tag) => tag.startsWith('zh')) ? 'en' : 'zh-CN'
  },
  /** Puts the theme on the page and its frame, and keeps it there. */
  apply(): void {
    watchEffect(() => {
      document.documentElement.dataset.theme = shownTheme.value
      const paper = getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()
      document.querySelector('meta[name="theme-color"]')?.setAttribute('content', paper)
    })
  },
}
