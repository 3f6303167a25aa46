import { HomeFilled } from '@element-plus/icons-vue'
import type { AreaRoutes } from '@/router/meta'
import type { Role } from '@/session'

const roles: Role[] = ['teacher', 'admin']

export default [
  {
    path: '/dashboard', name: 'teacher-home', component: () => import('./TeacherHome.vue'),
    meta: { title: 'teacher-home.title', roles, texts: ['classes'], homeOf: ['teacher', 'admin'], nav: { label: 'home', icon: HomeFilled, order: 10 } },
  },
] satisfies AreaRoutes
