import type { Account } from '../account.ts'
import { refreshTotals } from './amounts.ts'
import { stubOf } from './anchor.ts'
import type { Session } from './session.ts'

/**
 * When an open session goes over to selling the first whole period: at its billing cycle anchor, but not while somebody is at 3D Secure for the
 * time before it. Null when it never does.
 */
export function anchorDue(account: Account, { id }: Session): number | null {
  const { params, since, intent } = account.get('local.checkout', id)
  const stub = since === undefined ? null : stubOf(params.subscription_data, since)
  if (!stub) return null
  const tried = account.find('payment_intent', intent ?? '') ?? account.find('setup_intent', intent ?? '')
  return tried?.status === 'requires_action' || tried?.status === 'processing' ? null : stub.anchor.time
}

/** The anchor has passed: from now on the period that begins with it is shown and charged. */
export function passAnchor(account: Account, session: Session): void {
  const anchor = anchorDue(account, session)
  if (anchor === null) return
  account.update('local.checkout', session.id, { since: anchor })
  refreshTotals(account, session.id)
}
