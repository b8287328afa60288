import type { Kinds } from '../kinds.ts'
import type { Store } from '../store.ts'

/** The endpoints that an event of this type goes to. */
export const endpointsFor = (store: Store, type: string): Kinds['webhook_endpoint'][] =>
  store
    .all('webhook_endpoint')
    .filter(({ status, enabled_events }) => status === 'enabled' && wants(enabled_events, type))

const wants = (types: readonly string[], type: string): boolean => types.includes('*') || types.includes(type)
