import { Calendar, Notebook, Timer, TrendCharts } from '@element-plus/icons-vue'
import type { AreaRoutes } from '@/router/meta'

const roles = ['student' as const]

export default [
  {
    path: '/today', name: 'student-today', component: () => import('./Today.vue'),
    meta: { roles, title: 'student.today.title', homeOf: roles, nav: { label: 'today', icon: Calendar, order: 10 } },
  },
  {
    path: '/review', name: 'student-review', component: () => import('./review/Review.vue'),
    meta: { roles, title: 'student.review.title', texts: ['book'], nav: { label: 'review', icon: Timer, order: 20 } },
  },
  {
    path: '/book', name: 'student-book', component: () => import('./Book.vue'),
    meta: { roles, title: 'student.book.title', texts: ['book'], nav: { label: 'book', icon: Notebook, order: 30 } },
  },
  {
    path: '/book/print', name: 'student-print', component: () => import('./Print.vue'),
    meta: { roles, title: 'student.print.title', texts: ['book'] },
  },
  {
    path: '/book/:id', name: 'student-mistake', component: () => import('./MistakePage.vue'), props: true,
    meta: { roles, title: 'student.book.one', texts: ['book'] },
  },
  {
    path: '/progress', name: 'student-progress', component: () => import('./Progress.vue'),
    meta: { roles, title: 'student.progress.title', nav: { label: 'progress', icon: TrendCharts, order: 40 } },
  },
  { path: '/join', name: 'student-join', component: () => import('./Join.vue'), meta: { roles, title: 'student.join.title' } },
] satisfies AreaRoutes
