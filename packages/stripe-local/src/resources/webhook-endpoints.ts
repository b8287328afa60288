import type { Account } from '../account.ts'
import { randomCharacters } from '../ids.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, notSupported } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'

type Endpoint = Kinds['webhook_endpoint']

defineResource({
  kind: 'webhook_endpoint',
  operations: {
    'POST /v1/webhook_endpoints': ({ account, params }) => {
      if (params.connect) throw notSupported('webhook endpoints for connected accounts')
      return insertEndpoint(account, {
        url: checkedUrl(params.url),
        enabled_events: params.enabled_events,
        api_version: params.api_version ?? null,
        description: params.description || null,
        metadata: mergeMetadata({}, params.metadata),
        secret: `whsec_${randomCharacters(32)}`,
      })
    },
    'POST /v1/webhook_endpoints/{id}': ({ account, path, params }) => {
      const before = account.get('webhook_endpoint', path.id)
      const changed = account.update('webhook_endpoint', path.id, {
        metadata: mergeMetadata(before.metadata, params.metadata),
        ...(params.url !== undefined && { url: checkedUrl(params.url) }),
        ...(params.enabled_events && { enabled_events: params.enabled_events }),
        ...(params.description !== undefined && { description: params.description || null }),
        ...(params.disabled !== undefined && { status: params.disabled ? 'disabled' : 'enabled' }),
      })
      return withoutSecret(changed)
    },
    'GET /v1/webhook_endpoints/{id}': ({ account, path }) => withoutSecret(account.get('webhook_endpoint', path.id)),
    'GET /v1/webhook_endpoints': ({ account, params, url }) => {
      const page = listOf(account, 'webhook_endpoint', params, url)
      return { ...page, data: page.data.map(withoutSecret) }
    },
    'DELETE /v1/webhook_endpoints/{id}': ({ account, path }) => {
      account.get('webhook_endpoint', path.id)
      account.remove('webhook_endpoint', path.id)
      return { id: path.id, object: 'webhook_endpoint', deleted: true }
    },
  },
})

/** Gives an account the endpoint that was named at start; one with the same address is brought up to date. */
export function registerEndpoint(account: Account, webhook: { url: string; secret: string; events?: string[] }): void {
  const known = account.store.all('webhook_endpoint').find(({ url }) => url === webhook.url)
  const fields = { enabled_events: webhook.events ?? ['*'], secret: webhook.secret }
  if (known) account.update('webhook_endpoint', known.id, fields)
  else insertEndpoint(account, { url: webhook.url, api_version: null, description: null, metadata: {}, ...fields })
}

type New = Pick<Endpoint, 'api_version' | 'description' | 'enabled_events' | 'metadata' | 'url'> & { secret: string }

const insertEndpoint = (account: Account, fields: New): Endpoint =>
  account.insert('webhook_endpoint', {
    id: account.newId('we'),
    object: 'webhook_endpoint',
    application: null,
    created: account.now,
    livemode: false,
    status: 'enabled',
    ...fields,
  })

/** The secret is told once, at creation: https://docs.stripe.com/api/webhook_endpoints/object#webhook_endpoint_object-secret */
const withoutSecret = ({ secret: _told, ...endpoint }: Endpoint): object => endpoint

/** An address that events can be sent to. */
export function checkedUrl(url: string, param = 'url'): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw invalidRequest('Invalid URL: An explicit scheme (such as https) must be provided.', param, 'url_invalid')
}
