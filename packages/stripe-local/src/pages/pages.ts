import type { IncomingMessage, ServerResponse } from 'node:http'
import { html } from 'hono/html'
import { ApiError } from '../protocol/errors.ts'
import { assetRoutes } from './assets.ts'
import { checkoutRoutes } from './checkout/routes.ts'
import { dashboardRoutes } from './dashboard/routes.ts'
import { invoiceRoutes } from './invoices/routes.ts'
import { microdepositRoutes } from './microdeposits.ts'
import { portalRoutes } from './portal/routes.ts'
import { threeDSecureRoutes } from './three-d-secure.ts'
import { messageDocument } from './web/document.ts'
import { readForm } from './web/form.ts'
import { type Answer, PageError, type PagesHost, page } from './web/page.ts'
import { findRoute } from './web/routes.ts'
import { refuseForeignName, refuseForeignPost, securityHeaders } from './web/security.ts'

export type { PagesHost } from './web/page.ts'

const routes = [
  ...assetRoutes,
  ...checkoutRoutes,
  ...threeDSecureRoutes,
  ...microdepositRoutes,
  ...portalRoutes,
  ...invoiceRoutes,
  ...dashboardRoutes,
]

/** Answers what a browser asks for: hosted Checkout, 3D Secure, portal, invoices and the dashboard. */
export async function answerPage(host: PagesHost, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? 'GET'
  const answer = await answerTo(host, request, method).catch(errorPage)
  write(response, answer, method === 'HEAD')
}

async function answerTo(host: PagesHost, request: IncomingMessage, method: string): Promise<Answer> {
  refuseForeignName(request, host.pagesUrl())
  // A request line may hold a whole address, and that may be none.
  if (!URL.canParse(request.url ?? '/', host.pagesUrl())) throw notFound()
  const url = new URL(request.url ?? '/', host.pagesUrl())
  const found = findRoute(routes, method, url.pathname)
  if ('allowed' in found) {
    if (found.allowed.length === 0) throw notFound()
    throw new PageError(405, `This page takes no ${method}`, `It takes ${found.allowed.join(' and ')}.`)
  }
  if (method !== 'POST') return found.handler({ host, url, path: found.path, form: new URLSearchParams() })
  refuseForeignPost(request)
  return found.handler({ host, url, path: found.path, form: await readForm(request) })
}

const home = html`<a class="button quiet" href="/">Open the dashboard</a>`

const notFound = (): PageError =>
  new PageError(
    404,
    'There is no such page',
    'The address may be incomplete, or what it showed may have gone with an earlier run: without a journal, Stripe Local forgets when it ends.',
  )

/** What went wrong and what to do; what was not foreseen stands on the terminal as well. */
function errorPage(error: unknown): Answer {
  if (error instanceof PageError) {
    return page(messageDocument({ title: error.message, text: error.advice, action: home }), { status: error.status })
  }
  if (error instanceof ApiError) {
    const title = error.status === 404 ? 'This is not here any more' : 'That did not work'
    return page(messageDocument({ title, text: error.message, action: home }), { status: error.status })
  }
  console.error(error)
  const text = 'Nothing was changed. What happened stands on the terminal of Stripe Local; please report it.'
  return page(messageDocument({ title: 'Stripe Local ran into an error of its own', text, action: home }), {
    status: 500,
  })
}

function write(response: ServerResponse, answer: Answer, headOnly: boolean): void {
  if (answer.kind === 'redirect') {
    response.writeHead(303, { ...securityHeaders(false), location: answer.to, 'cache-control': 'no-store' }).end()
    return
  }
  const body = answer.kind === 'page' ? String(answer.document) : answer.body
  response.writeHead(answer.kind === 'page' ? answer.status : 200, {
    ...securityHeaders(answer.kind === 'page' && answer.leadsOut),
    'content-type': answer.kind === 'page' ? 'text/html; charset=utf-8' : answer.type,
    ...(answer.kind === 'file' &&
      answer.name && { 'content-disposition': `inline; filename="${answer.name.replaceAll(/[^\w.-]/g, '_')}"` }),
    'content-length': Buffer.byteLength(body),
    'cache-control': answer.kind === 'file' && answer.cache ? 'public, max-age=31536000, immutable' : 'no-store',
  })
  response.end(headOnly ? undefined : body)
}
