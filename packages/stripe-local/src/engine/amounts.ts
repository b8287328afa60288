import { invalidRequest } from '../protocol/errors.ts'
import { formatMoney, minimumCharge, stepOf } from './money.ts'

/**
 * Throws Stripe's 400 for an amount, in minor units, that cannot be charged in a currency: `amount_too_small`, `amount_too_large`,
 * `parameter_invalid_integer`. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
 */
export function checkAmount(amount: number, currency: string): void {
  if (amount <= 0) {
    throw invalidRequest(
      'The amount must be greater than or equal to the minimum charge amount allowed for your account and the currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a Payment Method for future use without an immediate payment, use a Setup Intent instead: https://docs.stripe.com/payments/setup-intents',
      'amount',
      'parameter_invalid_integer',
    )
  }
  if (amount < minimumCharge(currency)) {
    const least = formatMoney(minimumCharge(currency), currency)
    throw invalidRequest(`Amount must be at least ${least} ${currency}`, 'amount', 'amount_too_small')
  }
  if (amount > largest) {
    const most = formatMoney(largest, currency)
    throw invalidRequest(`Amount must be no more than ${most} ${currency}`, 'amount', 'amount_too_large')
  }
  if (amount % stepOf(currency) !== 0) {
    throw invalidRequest(`Invalid amount: amounts in ${currency} must be divisible by ${stepOf(currency)}.`, 'amount')
  }
}

const largest = 99_999_999
