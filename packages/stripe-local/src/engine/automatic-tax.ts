import type { Account } from '../account.ts'
import { invalidRequest, notSupported } from '../protocol/errors.ts'

/**
 * Stripe Tax is not here: its rates change by the day and by the street. Whoever asks for it is told so; before that, as by Stripe, that it
 * has to know where the customer is. https://docs.stripe.com/tax/customer-locations
 */
export function refuseAutomaticTax(
  account: Account,
  param: { enabled: boolean } | undefined,
  customerId?: string | null,
): void {
  if (!param?.enabled) return
  const customer = customerId ? account.find('customer', customerId) : undefined
  if (customer && !('deleted' in customer) && !customer.address?.country && !customer.shipping?.address?.country) {
    throw invalidRequest(
      "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
      undefined,
      'customer_tax_location_invalid',
    )
  }
  throw notSupported('automatic_tax: use tax rates')
}
