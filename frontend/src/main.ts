import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, setLocale } from './i18n'
import { router } from './router'
import { preferences, useSession } from './session'
import './styles/tokens.css'
import './styles/base.css'

preferences.apply()
const app = createApp(App).use(createPinia()).use(i18n)
// Texts that cannot be fetched leave the page in Chinese, and no page empty.
await setLocale(preferences.firstLocale()).catch(() => undefined)
await preferences.follow(useSession().user).catch(() => undefined)
app.use(router).mount('#app')
