import type { Plans } from '../catalogue/plans.ts'
import type { CheckoutFacade } from '../checkout/types.ts'
import type { Context } from '../context.ts'
import type { Member, Owner } from '../entitlements/types.ts'
import type { Health } from '../health.ts'
import type { InvoicesFacade } from '../invoices/types.ts'
import type { DuesOptions, Pages } from '../options.ts'
import type { PaymentMethodsFacade } from '../payment-methods/types.ts'
import type { SubscriptionsFacade } from '../subscriptions/types.ts'
import type { Monitoring } from './monitoring.ts'

/** What the handler is made of: the concerns, and the host app's own hooks into it. */
export type HttpOptions<P extends Plans> = {
  readonly context: Context
  readonly plans: P
  readonly identify: DuesOptions<P>['identify']
  readonly pages: Pages<P>
  readonly checkout: CheckoutFacade<P>
  readonly subscriptions: SubscriptionsFacade<P>
  readonly invoices: InvoicesFacade
  readonly paymentMethods: PaymentMethodsFacade
  readonly member: (owner: Owner) => Promise<Member<P>>
  readonly monitoring: Monitoring
  /** What the pages of `monitoring` show. */
  readonly sources: { readonly health: () => Promise<Health>; readonly metrics: () => Promise<string> }
  /** Verifies a delivery and keeps it; resolves when it is on disk. */
  readonly receive: (body: Uint8Array, signature: string | null) => Promise<unknown>
}

/** One request of somebody who is signed in. */
export type MemberCall<P extends Plans> = {
  readonly request: Request
  readonly owner: Owner
  /** The app's own origin. */
  readonly origin: string
  readonly wantsJson: boolean
  readonly options: HttpOptions<P>
}

export type MemberRoute<P extends Plans> = {
  readonly method: 'GET' | 'POST'
  readonly run: (call: MemberCall<P>) => Promise<Response>
}
