import type { Route } from '../web/routes.ts'

export const dashboardRoutes: Route[] = []
