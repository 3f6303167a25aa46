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
await setLocale(preferences.firstLocale())
await preferences.follow(useSession().user)
app.use(router).mount('#app')
