import type { Account } from '../../account.ts'
import type { Kinds } from '../../kinds.ts'
import { objectOf } from '../find.ts'
import { PageError, type PageRequest } from '../web/page.ts'

type Configuration = Kinds['billing_portal.configuration']

/** Who is at the portal, and what they may do there. */
export type Visit = {
  account: Account
  session: Kinds['billing_portal.session']
  configuration: Configuration
  customer: Kinds['customer']
}

export function visitOf({ host, path }: PageRequest<'id'>): Visit {
  const { account, object: session } = objectOf(host, 'billing_portal.session', path.id, 'portal session')
  const customer = account.find('customer', session.customer)
  if (!customer || 'deleted' in customer) {
    throw new PageError(410, 'This customer was deleted', 'There is nothing left to look after here.')
  }
  return {
    account,
    session,
    customer,
    configuration: account.get('billing_portal.configuration', session.configuration),
  }
}

/** Refuses what the configuration does not allow, however somebody came to the address. */
export function allow({ configuration }: Visit, feature: keyof Configuration['features']): void {
  if (configuration.features[feature].enabled) return
  throw new PageError(403, 'This cannot be changed here', `The portal’s configuration has ${feature} switched off.`)
}

/** The subscription of an address, if it is this customer's. */
export function subscriptionOf({ account, customer }: Visit, id: string): Kinds['subscription'] {
  const subscription = account.find('subscription', id)
  if (subscription?.customer === customer.id && subscription.ended_at === null) return subscription
  throw new PageError(
    404,
    'There is no such subscription',
    'It may have ended in the meantime. Go back to see what there is.',
  )
}

/** Where a page of a session is. */
export const portalPath = ({ session }: Visit, path: string): string => `/p/session/${session.id}/${path}`
