import type Stripe from 'stripe'
import type { Catalogue } from './catalogue.ts'
import { rhythmOf } from './push-prices.ts'
import { idOf } from './resolve.ts'
import { amountInWords } from './terms.ts'

/** A price that is not sold any more, and whom it still charges. */
export type KeptPrice = {
  readonly id: string
  readonly plan: string | null
  readonly addOn: string | null
  /** `19.00 USD monthly` */
  readonly charges: string
  /** Subscriptions that have not ended. */
  readonly members: number
  /** Whether there are more than were counted. */
  readonly more: boolean
}

/** Ten calls for each price. Whoever has more members on an old price than this knows it. */
const countedAtMost = 1_000

/** The prices among these that somebody still pays, with how many. */
export async function keptPrices(
  stripe: Stripe,
  catalogue: Catalogue,
  prices: readonly Stripe.Price[],
  meters: ReadonlyMap<string, string>,
): Promise<KeptPrice[]> {
  const kept: KeptPrice[] = []
  for (const price of prices) {
    const { members, more } = await countMembers(stripe, price.id)
    if (members === 0) continue
    const reference = { price: price.id, product: idOf(price.product) }
    const plan = catalogue.place(reference)?.plan ?? null
    const addOn = catalogue.placeAddOn(reference)?.addOn ?? null
    kept.push({
      id: price.id,
      plan,
      addOn,
      charges: `${amountInWords(price, meters)} ${rhythmOf(price)}`,
      members,
      more,
    })
  }
  return kept
}

async function countMembers(stripe: Stripe, price: string): Promise<{ members: number; more: boolean }> {
  let members = 0
  // Without a status, Stripe lists all that have not been canceled.
  for await (const { status } of stripe.subscriptions.list({ price, limit: 100 })) {
    if (status === 'incomplete_expired') continue
    if (members === countedAtMost) return { members, more: true }
    members += 1
  }
  return { members, more: false }
}
