import { isJson } from './body.ts'

/** Nothing under /billing may be kept by a browser or a proxy: it is one member's, and of one moment. */
const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', vary: 'accept' }

/** Whether the caller is a program: it sent JSON, or asks for JSON and not for a page. */
export function wantsJson({ headers }: Request): boolean {
  const accept = headers.get('accept') ?? ''
  return (
    isJson(headers.get('content-type') ?? '') || (accept.includes('application/json') && !accept.includes('text/html'))
  )
}

export const json = (
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...always, ...headers, 'content-type': 'application/json' } })

/** 303: whatever the method was, the next page is fetched with GET, so that a reload repeats nothing. */
export const seeOther = (location: string): Response =>
  new Response(null, { status: 303, headers: { ...always, location } })

export const html = (
  body: string,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response =>
  new Response(body, {
    status,
    headers: {
      ...always,
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
    },
  })

/** A page as a host app gave it. Its own headers are kept. */
export function hostPage(page: Response | string, status = 200): Response {
  if (page instanceof Response) return page
  return new Response(page, { status, headers: { ...always, 'content-type': 'text/html; charset=utf-8' } })
}
