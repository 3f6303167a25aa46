import { Cpu, Document, OfficeBuilding, Postcard, Ticket } from '@element-plus/icons-vue'
import type { AreaRoutes } from '@/router/meta'

const roles = ['admin' as const]

export default [
  {
    path: '/admin/accounts', name: 'admin-accounts', component: () => import('./Accounts.vue'),
    meta: { roles, texts: ['accounts'], title: 'admin.accounts.title', nav: { label: 'accounts', icon: Postcard, order: 110 } },
  },
  {
    path: '/admin/accounts/new', name: 'admin-new-accounts', component: () => import('./NewAccounts.vue'),
    meta: { roles, texts: ['accounts'], title: 'admin.create.title' },
  },
  {
    path: '/admin/invitations', name: 'admin-invitations', component: () => import('./Invitations.vue'),
    meta: { roles, title: 'admin.invitations.title', nav: { label: 'invitations', icon: Ticket, order: 120 } },
  },
  {
    path: '/admin/organization', name: 'admin-organization', component: () => import('./Organization.vue'),
    meta: { roles, title: 'admin.organization.title', nav: { label: 'organization', icon: OfficeBuilding, order: 130 } },
  },
  {
    path: '/admin/ai', name: 'admin-ai', component: () => import('./AiStatus.vue'),
    meta: { roles, title: 'admin.ai.title', nav: { label: 'ai', icon: Cpu, order: 140 } },
  },
  {
    path: '/admin/audit', name: 'admin-audit', component: () => import('./Audit.vue'),
    meta: { roles, title: 'admin.audit.title', nav: { label: 'audit', icon: Document, order: 150 } },
  },
] satisfies AreaRoutes
