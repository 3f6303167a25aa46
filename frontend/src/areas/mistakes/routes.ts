import { DocumentDelete, EditPen, Printer } from '@element-plus/icons-vue'
import type { AreaRoutes } from '@/router/meta'
import type { Role } from '@/session'

const roles: Role[] = ['teacher', 'admin']
const texts = ['book']

export default [
  {
    path: '/mistakes', name: 'mistakes', component: () => import('./MistakeList.vue'),
    meta: { roles, texts, title: 'common.nav.mistakes', nav: { label: 'mistakes', icon: DocumentDelete, order: 30 } },
  },
  { path: '/mistakes/new', name: 'mistake-new', component: () => import('./QuickEntry.vue'), meta: { roles, texts, title: 'mistakes.entry.title' } },
  { path: '/mistakes/imports', name: 'mistake-imports', component: () => import('./Imports.vue'), meta: { roles, title: 'mistakes.import.title' } },
  { path: '/mistakes/imports/:id', name: 'mistake-import', component: () => import('./ImportDetail.vue'), props: true, meta: { roles, title: 'mistakes.import.title' } },
  { path: '/mistakes/:id', name: 'mistake', component: () => import('./MistakeDetail.vue'), props: true, meta: { roles, texts, title: 'mistakes.detail.title' } },
  {
    path: '/exports', name: 'exports', component: () => import('./Exports.vue'),
    meta: { roles, texts, title: 'common.nav.exports', nav: { label: 'exports', icon: Printer, order: 40 } },
  },
  {
    path: '/tools', name: 'tools', component: () => import('./Tools.vue'),
    meta: { roles, title: 'common.nav.tools', nav: { label: 'tools', icon: EditPen, order: 50 } },
  },
] satisfies AreaRoutes
