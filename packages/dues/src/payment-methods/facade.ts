import type { Context } from '../context.ts'
import { completeSetup, startSetup } from './add.ts'
import { makeDefault, removeMethod } from './change.ts'
import { expiringCards } from './expiring.ts'
import { listPaymentMethods } from './read.ts'
import type { PaymentMethodsFacade } from './types.ts'

/** `dues.paymentMethods` */
export function paymentMethodsFacade(context: Context): PaymentMethodsFacade {
  return {
    list: (owner) => listPaymentMethods(context, owner),
    add: (owner, options) => startSetup(context, owner, options),
    complete: (owner, sessionId) => completeSetup(context, owner, sessionId),
    async setDefault(owner, method) {
      await makeDefault(context, owner, method)
      return listPaymentMethods(context, owner)
    },
    async remove(owner, method, options) {
      await removeMethod(context, owner, method, options)
      return listPaymentMethods(context, owner)
    },
    expiring: (options) => expiringCards(context, options),
  }
}
