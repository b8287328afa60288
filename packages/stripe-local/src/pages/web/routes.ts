import type { Answer, PageRequest } from './page.ts'

/** The names in the braces of a path. */
type Placeholders<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never

export type PageHandler<Name extends string = string> = (request: PageRequest<Name>) => Answer | Promise<Answer>

/** One page: a method, a path and what answers it. */
export type Route = { method: string; pattern: RegExp; handler: PageHandler }

/**
 * Says what answers a path: `route('GET /c/pay/{id}', ({ path }) => … path.id …)`. A placeholder is one segment.
 */
export function route<P extends `${'GET' | 'POST'} /${string}`>(
  methodAndPath: P,
  handler: PageHandler<Placeholders<P>>,
): Route {
  const [method = '', path = ''] = methodAndPath.split(' ')
  const pattern = path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')
  return { method, pattern: new RegExp(`^${pattern}/?$`), handler: handler as PageHandler }
}

/** The page of a path; `allowed` says which methods the path knows when this one is none of them. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { handler: PageHandler; path: Record<string, string> } | { allowed: string[] } {
  const allowed: string[] = []
  for (const each of routes) {
    const match = each.pattern.exec(path)
    if (!match) continue
    if (each.method === (method === 'HEAD' ? 'GET' : method)) return { handler: each.handler, path: decoded(match) }
    allowed.push(each.method)
  }
  return { allowed }
}

const decoded = (match: RegExpExecArray): Record<string, string> =>
  Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value)]))

/** A path may hold a percent sign that means nothing. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch (error) {
    if (error instanceof URIError) return value
    throw error
  }
}
