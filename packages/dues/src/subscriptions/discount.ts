import type Stripe from 'stripe'
import type { Context } from '../context.ts'
import { DuesError } from '../errors.ts'
import { callStripe, isRefused, translateStripeError } from '../stripe/client.ts'
import { besideSchedule } from './beside-schedule.ts'
import { currentAtStripe } from './current.ts'
import type { Discount } from './types.ts'

/**
 * Gives a membership a discount from its next invoice on, in place of any that it has.
 *
 * @see https://docs.stripe.com/billing/subscriptions/coupons
 */
export async function applyDiscount(context: Context, owner: string, discount: Discount): Promise<void> {
  await callStripe(async () => {
    const found =
      'coupon' in discount ? { coupon: discount.coupon } : await promotionCode(context, discount.promotionCode)
    try {
      await setDiscounts(context, owner, [found])
    } catch (error) {
      // Expired, used up, not for this plan, not for a second time: Stripe says which.
      if (!isRefused(error)) throw error
      throw new DuesError('discount_invalid', `This code cannot be used: ${(error as Error).message}`, {
        cause: translateStripeError(error),
      })
    }
  })
}

/** Takes every discount of a membership away. Invoices that there are stay as they are. */
export const removeDiscount = (context: Context, owner: string): Promise<void> =>
  callStripe(() => setDiscounts(context, owner, ''))

async function setDiscounts(
  context: Context,
  owner: string,
  discounts: Stripe.SubscriptionUpdateParams['discounts'],
): Promise<void> {
  const { mirror, stripe } = context
  const current = await currentAtStripe(context, owner)
  if (!current)
    throw new DuesError(
      'not_subscribed',
      'You have no membership that could cost less. Choose a plan, and give the code there.',
    )
  const { subscription } = current
  await besideSchedule(
    context,
    subscription,
    () => mirror.through('subscription', () => stripe.subscriptions.update(subscription.id, { discounts })),
    ({ items }) => items,
  )
}

/** People write codes as they like; Stripe knows them by id. */
async function promotionCode({ stripe }: Context, written: string): Promise<{ promotion_code: string }> {
  const code = written.trim()
  const [found] = code ? (await stripe.promotionCodes.list({ code, active: true, limit: 1 })).data : []
  if (found) return { promotion_code: found.id }
  throw new DuesError('discount_invalid', 'There is no such code, or it is over. Look whether it is written right.')
}
