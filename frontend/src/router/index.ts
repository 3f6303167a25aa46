import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteLocationRaw, type RouteMeta, type RouteRecordRaw } from 'vue-router'
import { reachability } from '@/api/reachability'
import { i18n, loadArea } from '@/i18n'
import { useSession, type Role } from '@/session'
import type { AreaRoutes } from './meta'

const RELOADED = 'ai-english.reloaded'

/** Every `src/areas/<area>/routes.ts` is found by itself. */
const areas = import.meta.glob<AreaRoutes>('../areas/*/routes.ts', { eager: true, import: 'default' })

const pages: RouteRecordRaw[] = Object.entries(areas).flatMap(([file, routes]) => {
  const area = file.split('/').at(-2)
  return routes.map((route) => ({ ...route, meta: { area, ...route.meta } }) as RouteRecordRaw)
})

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...pages.filter((page) => page.meta?.public),
    {
      path: '/',
      component: () => import('@/layouts/AppFrame.vue'),
      children: [
        { path: '', name: 'home', redirect: () => homeOf(useSession().role) },
        ...pages.filter((page) => !page.meta?.public),
      ],
    },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

function allows(page: { meta?: RouteMeta }, role: Role): boolean {
  return !page.meta?.roles || page.meta.roles.includes(role)
}

/** The navigation of a role. */
export function navigationOf(role: Role | null): RouteRecordRaw[] {
  if (role === null) return []
  return pages
    .filter((page) => page.meta?.nav && allows(page, role))
    .sort((a, b) => (a.meta?.nav?.order ?? 0) - (b.meta?.nav?.order ?? 0))
}

/** Where somebody of this role begins. */
export function homeOf(role: Role | null): { name: string } {
  const home =
    pages.find((page) => role && page.meta?.homeOf?.includes(role)) ?? navigationOf(role).find((page) => page.name)
  return { name: String(home?.name ?? 'account') }
}

/** The address to go to after signing in: only paths of this application that are for whoever signed in. */
export function returnAddress(to: RouteLocationNormalized): string {
  const wanted = to.query.return
  if (typeof wanted !== 'string' || !/^\/(?![/\\])/.test(wanted)) return '/'
  const { role } = useSession()
  return role && allows(router.resolve(wanted), role) ? wanted : '/'
}

/** Where somebody who is signed in has to go instead of this page, if anywhere. */
export function detour(to: RouteLocationNormalized): RouteLocationRaw | undefined {
  const { user } = useSession()
  if (!user || to.meta.public) return undefined
  if (user.must_change_password && to.name !== 'account-password') return { name: 'account-password' }
  return allows(to, user.role) ? undefined : { name: 'no-permission' }
}

router.beforeEach(async (to) => {
  const session = useSession()
  await Promise.all([to.meta.area ?? [], to.meta.texts ?? []].flat().map(loadArea))
  if (to.meta.public) return session.user && to.name === 'sign-in' ? returnAddress(to) : true
  if (!session.user) {
    // Where `/` leads to is known after signing in.
    const wanted = (to.redirectedFrom ?? to).fullPath
    return { name: 'sign-in', query: wanted === '/' ? {} : { return: wanted } }
  }
  return detour(to) ?? true
})

export function showTitle(to: RouteLocationNormalized = router.currentRoute.value): void {
  const { t } = i18n.global
  document.title = to.meta.title ? `${t(to.meta.title)} · ${t('common.product')}` : t('common.product')
}
router.afterEach((to, from) => {
  showTitle(to)
  if (to.path !== from.path) sessionStorage.removeItem(RELOADED)
})

/** The page that somebody is waiting for while the server is away; going elsewhere or typing gives it up. */
let awaited: string | undefined
router.beforeEach(() => {
  awaited = undefined
})
addEventListener('input', () => (awaited = undefined), { capture: true, passive: true })
reachability.onRecovered(() => {
  if (awaited === undefined) return
  // Scripts are asked for again by the import itself, styles that did not come are not.
  for (const link of document.querySelectorAll<HTMLLinkElement>('head > link[rel="stylesheet"]')) {
    if (link.sheet === null) link.replaceWith(link.cloneNode())
  }
  void router.push(awaited)
})

// The files of a page cannot be loaded. The server is away: stay, say so, and go on when it is back. Or it was updated and
// the old files are gone: load the application anew, once.
router.onError(async (error: unknown, to) => {
  const missing = error instanceof Error && /import|preload|fetch|module/i.test(error.message)
  if (!missing) return
  awaited = to.fullPath
  if (!(await reachability.check()) || awaited !== to.fullPath) return
  awaited = undefined
  if (sessionStorage.getItem(RELOADED)) return
  sessionStorage.setItem(RELOADED, '1')
  location.assign(to.fullPath)
})
