import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { microdepositUrl } from '../pages/urls.ts'
import { day } from './calendar.ts'

/**
 * `next_action` of an intent that waits until its customer has seen the small deposits: they arrive on the next working day, at midnight in San
 * Francisco. https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#verify-bank-account
 */
export const microdepositsAction = (account: Account, intent: string): Stripe.PaymentIntent.NextAction => ({
  type: 'verify_with_microdeposits',
  verify_with_microdeposits: {
    arrival_date: nextWorkingDay(account.now),
    hosted_verification_url: microdepositUrl(account, intent),
    microdeposit_type: 'descriptor_code',
  },
})

function nextWorkingDay(now: number): number {
  let arrival = now - (now % day) + day
  while ([0, 6].includes(new Date(arrival * 1000).getUTCDay())) arrival += day
  return midnightThere(arrival)
}

const hourThere = new Intl.DateTimeFormat('en-US', { timeZone: 'America/Los_Angeles', hour: 'numeric', hour12: false })

/** When the date that a time has in UTC begins in San Francisco: seven or eight hours later, by the season. */
const midnightThere = (date: number): number =>
  Number(hourThere.format((date + 7 * 3600) * 1000)) % 24 === 0 ? date + 7 * 3600 : date + 8 * 3600
