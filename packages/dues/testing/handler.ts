import { createCatalogue } from '../src/catalogue/catalogue.ts'
import type { Owner } from '../src/entitlements/types.ts'
import { createHandler } from '../src/http/handler.ts'
import type { HttpOptions } from '../src/http/types.ts'
import { usd } from '../src/money.ts'

const plans = {
  free: { name: 'Free' },
  pro: { name: 'Professional & more', prices: { monthly: usd(19) } },
}
type P = typeof plans

export const ada: Owner = { id: 'user_ada', email: 'ada@example.com' }
export const member = { cancelling: () => true, usage: async () => ({}), toJSON: () => ({ plan: 'pro' }) }

/** The handler over concerns that only say that they were called. */
export function openHandler(changes: Partial<HttpOptions<P>> = {}) {
  const calls: unknown[][] = []
  const called =
    (name: string, answer: unknown) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args])
      return answer
    }
  const logged: [level: string, fields: object][] = []
  const logger = {
    debug: (fields: object) => logged.push(['debug', fields]),
    info: (fields: object) => logged.push(['info', fields]),
    warn: (fields: object) => logged.push(['warn', fields]),
    error: (fields: object) => logged.push(['error', fields]),
  }
  const options = {
    context: {
      baseUrl: 'https://club.example',
      basePath: '/billing',
      paths: { pricing: '/pricing', account: '/account', signIn: '/sign-in' },
      catalogue: createCatalogue(plans),
      logger,
    },
    plans,
    identify: () => ada,
    pages: {},
    checkout: { start: called('start', { sessionId: 'cs_1', url: 'https://checkout.example/cs_1' }) },
    subscriptions: {
      switchTo: called('switchTo', member),
      cancel: called('cancel', member),
      resume: called('resume', member),
      portal: called('portal', { url: 'https://portal.example/1' }),
    },
    member: called('member', member),
    receive: called('receive', {}),
    monitoring: {},
    sources: { health: called('health', {}), metrics: called('metrics', '') },
    ...changes,
  } as unknown as HttpOptions<P>
  return { handle: createHandler(options), options, calls, logged }
}

export const own = { origin: 'https://club.example' }

export const post = (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = own) =>
  new Request(`https://club.example/billing${path}`, { method: 'POST', body: new URLSearchParams(fields), headers })

export const postJson = (path: string, body: unknown, headers: Record<string, string> = own) =>
  new Request(`https://club.example/billing${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

export const get = (path: string, headers: Record<string, string> = {}) =>
  new Request(`https://club.example/billing${path}`, { headers })

export const throwing = (error: unknown) => async () => {
  throw error
}
