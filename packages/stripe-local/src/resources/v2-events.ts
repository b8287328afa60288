import { isCreatedWithin } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'

defineResource({
  kind: 'v2.core.event',
  operations: {
    'GET /v2/core/events/{id}': ({ account, path }) => account.get('v2.core.event', path.id),
    'GET /v2/core/events': ({ account, params }) => ({
      data: account.store
        .all('v2.core.event')
        .filter(({ related_object }) => params.object_id === undefined || related_object?.id === params.object_id)
        .filter(({ type }) => params.types === undefined || params.types.includes(type))
        .filter(({ created }) => isCreatedWithin(Date.parse(created) / 1000, params.created))
        .reverse()
        .slice(0, params.limit ?? 20),
      next_page_url: null,
      previous_page_url: null,
    }),
  },
})
