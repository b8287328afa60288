import type { Plans } from '../catalogue/plans.ts'
import type { Owner } from '../entitlements/types.ts'
import { DuesError } from '../errors.ts'
import { readBody, webhookLimit } from './body.ts'
import { errorReply } from './failures.ts'
import { monitoringRoutes } from './monitoring.ts'
import { ownOrigin, refuseCrossSite } from './origin.ts'
import { json, wantsJson } from './replies.ts'
import { memberRoutes } from './routes.ts'
import { toSignIn } from './sign-in.ts'
import type { HttpOptions, MemberCall, MemberRoute } from './types.ts'

type Endpoint = { readonly method: 'GET' | 'POST'; readonly run: (request: Request) => Promise<Response> }

/**
 * Everything under the base path: Request in, Response out, so that it fits any framework. State changes by POST alone; owners come
 * from `identify` alone; whatever goes wrong is answered in one place.
 */
export function createHandler<P extends Plans>(options: HttpOptions<P>): (request: Request) => Promise<Response> {
  const endpoints = new Map<string, Endpoint>([
    // No session and no CSRF check: Stripe has neither. The signature is the proof.
    ['/webhook', { method: 'POST', run: (request) => receiveWebhook(options, request) }],
    ...monitoringRoutes(options.monitoring, options.sources).map(([path, run]): [string, Endpoint] => [
      path,
      { method: 'GET', run },
    ]),
    ...Object.entries(memberRoutes<P>()).map(([path, route]): [string, Endpoint] => [
      path,
      { method: route.method, run: (request) => asMember(options, route, request) },
    ]),
  ])

  return async (request) => {
    try {
      const endpoint = endpoints.get(pathUnder(options.context.basePath, request))
      if (!endpoint) throw new DuesError('not_found', 'There is nothing at this address.')
      const isHead = request.method === 'HEAD' && endpoint.method === 'GET'
      if (request.method !== endpoint.method && !isHead)
        return await methodNotAllowed(options, request, endpoint.method)
      const response = await endpoint.run(request)
      return isHead ? new Response(null, response) : response
    } catch (error) {
      return errorReply(options, request, error)
    }
  }
}

/** The rest of the path, whether or not the framework has cut the base path off; empty where it is another path altogether. */
function pathUnder(basePath: string, request: Request): string {
  const { pathname } = new URL(request.url)
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length).replace(/\/$/, '') : pathname
}

async function methodNotAllowed<P extends Plans>(options: HttpOptions<P>, request: Request, allowed: 'GET' | 'POST') {
  const refused = new DuesError('method_not_allowed', `This address takes ${allowed} only.`)
  const response = await errorReply(options, request, refused)
  response.headers.set('allow', allowed === 'GET' ? 'GET, HEAD' : 'POST')
  return response
}

async function receiveWebhook<P extends Plans>({ receive }: HttpOptions<P>, request: Request): Promise<Response> {
  // The signature is over the bytes as they came: parsing and writing them again would change them.
  const body = await readBody(request, webhookLimit)
  await receive(body, request.headers.get('stripe-signature'))
  return json({ received: true })
}

async function asMember<P extends Plans>(
  options: HttpOptions<P>,
  route: MemberRoute<P>,
  request: Request,
): Promise<Response> {
  const origin = ownOrigin(request, options.context.baseUrl)
  if (route.method === 'POST') refuseCrossSite(request, origin)
  const owner = await options.identify(request)
  if (!owner) return signInFirst(options, request, origin)
  const call: MemberCall<P> = { request, owner: checked(owner), origin, wantsJson: wantsJson(request), options }
  return route.run(call)
}

/** An owner without an id would be everybody's. */
function checked(owner: Owner): Owner {
  if (typeof owner.id === 'string' && owner.id !== '') return owner
  throw new TypeError('identify must answer {id: string, email?, name?} or null.')
}

/** A program is told (401); a browser is sent to sign in. */
function signInFirst<P extends Plans>({ context }: HttpOptions<P>, request: Request, origin: string): Response {
  if (wantsJson(request)) throw new DuesError('not_signed_in', 'Sign in first, then try again.')
  return toSignIn(request, origin, context.paths)
}
