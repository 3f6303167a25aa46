import { School, User } from '@element-plus/icons-vue'
import type { AreaRoutes } from '@/router/meta'
import type { Role } from '@/session'

const roles: Role[] = ['teacher', 'admin']

export default [
  {
    path: '/classes', name: 'classes', component: () => import('./ClassList.vue'),
    meta: { title: 'classes.list.title', roles, nav: { label: 'classes', icon: School, order: 20 } },
  },
  { path: '/classes/:id', name: 'class', component: () => import('./ClassPage.vue'), meta: { title: 'classes.detail.title', roles } },
  {
    path: '/classes/:id/import', name: 'roster-import', component: () => import('./RosterImport.vue'),
    meta: { title: 'roster.title', roles, texts: ['roster'] },
  },
  {
    path: '/pupils', name: 'pupils', component: () => import('./PupilList.vue'),
    meta: { title: 'pupils.list.title', roles, texts: ['pupils'], nav: { label: 'pupils', icon: User, order: 25 } },
  },
  {
    path: '/pupils/:id', name: 'pupil', component: () => import('./PupilPage.vue'),
    meta: { title: 'pupils.detail.title', roles, texts: ['pupils', 'accounts'] },
  },
] satisfies AreaRoutes
