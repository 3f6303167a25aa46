import type { AreaRoutes } from '@/router/meta'

export default [] satisfies AreaRoutes
