import type { Plans } from '../catalogue/plans.ts'
import type { Context } from '../context.ts'
import type { Member, Owner } from '../entitlements/types.ts'
import { startByInvoice } from './by-invoice.ts'
import { completeCheckout } from './complete.ts'
import { startCheckout } from './start.ts'
import type { CheckoutFacade, CompletedCheckout } from './types.ts'

/** `dues.checkout` */
export function checkoutFacade<P extends Plans>(
  context: Context,
  member: (owner: Owner) => Promise<Member<P>>,
): CheckoutFacade<P> {
  return {
    start: (request) => startCheckout(context, request),
    startByInvoice: (request) => startByInvoice(context, request),
    async complete(owner, sessionId) {
      const completed = await completeCheckout(context, owner.id, sessionId)
      return { ...completed, member: await member(owner) } as CompletedCheckout<P>
    },
  }
}
