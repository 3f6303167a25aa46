import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'
import type { Role } from '@/session'

/** An entry of the navigation; its label is `common.nav.<label>`. */
export interface NavEntry {
  label: string
  icon: Component
  /** Smaller comes first. On phones the first four (pupils: five) are tabs, the others are behind "more". */
  order: number
}

declare module 'vue-router' {
  interface RouteMeta {
    /** Folder of the area; its texts are loaded before the page is shown. */
    area?: string
    /** Other text files that the page needs, as of the parts in `src/features`. */
    texts?: string[]
    /** Key of the page's title, as in `classes.list.title`. */
    title?: string
    /** Who may open the page; everybody who is signed in when absent. */
    roles?: Role[]
    /** Also without a session, and without the frame of the application. */
    public?: boolean
    /** Puts the page into the navigation of its roles. */
    nav?: NavEntry
    /** The start page of these roles. */
    homeOf?: Role[]
  }
}

/** The pages of one area: `export default [...] satisfies AreaRoutes`. */
export type AreaRoutes = RouteRecordRaw[]
