import type { AreaRoutes } from '@/router/meta'

export default [
  { path: '/sign-in', name: 'sign-in', component: () => import('./SignIn.vue'), meta: { public: true, title: 'account.signIn.title' } },
  { path: '/register', name: 'register', component: () => import('./Register.vue'), meta: { public: true, title: 'account.register.title' } },
  { path: '/forgot-password', name: 'forgot-password', component: () => import('./ForgotPassword.vue'), meta: { public: true, title: 'account.forgot.title' } },
  { path: '/reset-password', name: 'reset-password', component: () => import('./ResetPassword.vue'), meta: { public: true, title: 'account.reset.title' } },
  { path: '/account', name: 'account', component: () => import('./Profile.vue'), meta: { title: 'account.profile.title' } },
  { path: '/account/password', name: 'account-password', component: () => import('./ChangePassword.vue'), meta: { title: 'account.password.title' } },
  { path: '/account/sessions', name: 'account-sessions', component: () => import('./Sessions.vue'), meta: { title: 'account.sessions.title' } },
  { path: '/no-permission', name: 'no-permission', component: () => import('./NoPermission.vue'), meta: { title: 'common.page.noPermission' } },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./NotFound.vue'), meta: { public: true, title: 'common.page.notFound' } },
] satisfies AreaRoutes
