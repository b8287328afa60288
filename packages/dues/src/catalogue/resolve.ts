import type Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import type { Catalogue, FoundPrice, Offer } from './catalogue.ts'
import { intervals } from './plans.ts'
import { inMajorUnits } from './validate.ts'

/** Stripe takes at most ten lookup keys a call. */
const keysPerCall = 10

/**
 * Finds every price of the catalogue at Stripe, teaches the catalogue their ids, and refuses (`settings_invalid`) naming each one that is
 * missing or differs from what the configuration says: members must never be charged another price than the page showed.
 */
export async function resolvePrices(stripe: Stripe, catalogue: Catalogue): Promise<FoundPrice[]> {
  const found = await findPrices(stripe, catalogue.offers)
  const problems = catalogue.offers.flatMap((offer) => differences(offer, found.get(offer)))
  if (problems.length > 0)
    throw new DuesError(
      'settings_invalid',
      `The prices at Stripe are not those of the configuration:\n${problems.map((problem) => `- ${problem}`).join('\n')}\nRun \`dues push\` to see what would change, and to change it.`,
    )
  const prices = [...found].map(([offer, { id, product }]) => ({ offer, id, product: idOf(product) }))
  catalogue.learn(prices)
  return prices
}

/** The price that Stripe has for each offer: by the id of the configuration, or else by lookup key. */
export async function findPrices(stripe: Stripe, offers: readonly Offer[]): Promise<Map<Offer, Stripe.Price>> {
  const found = new Map<Offer, Stripe.Price>()
  const byKey = offers.filter((offer) => !offer.price.id)
  for (let from = 0; from < byKey.length; from += keysPerCall) {
    const some = byKey.slice(from, from + keysPerCall)
    // Archived ones as well: a key stays with its price, and only one price has it.
    const { data } = await stripe.prices.list({ lookup_keys: some.map(({ lookupKey }) => lookupKey), limit: 100 })
    for (const offer of some) {
      const price = data.find((one) => one.lookup_key === offer.lookupKey)
      if (price) found.set(offer, price)
    }
  }
  for (const offer of offers) {
    if (!offer.price.id) continue
    const price = await retrieve(stripe, offer.price.id)
    if (price) found.set(offer, price)
  }
  return found
}

async function retrieve(stripe: Stripe, id: string): Promise<Stripe.Price | null> {
  try {
    return await stripe.prices.retrieve(id)
  } catch (error) {
    // Stripe's word for "no such price"; whatever else went wrong is somebody else's to explain.
    if (error instanceof Error && 'code' in error && error.code === 'resource_missing') return null
    throw error
  }
}

/** In what a price at Stripe differs from its offer, in sentences. */
export function differences(offer: Offer, price: Stripe.Price | undefined): string[] {
  const where = called(offer)
  if (!price) return [`${where} is not there.`]
  return [...(price.active ? [] : [`${where} is archived.`]), ...termsThatDiffer(offer, price)]
}

/** The differences that no update can mend: at Stripe a price's amount and interval are for good. */
export function termsThatDiffer(offer: Offer, price: Stripe.Price): string[] {
  const where = called(offer)
  const { interval, interval_count } = intervals[offer.interval]
  const problems: string[] = []
  if (price.currency !== offer.price.currency || price.unit_amount !== offer.price.amount)
    problems.push(
      `${where} is ${price.unit_amount === null ? `priced otherwise in ${price.currency.toUpperCase()}` : inMajorUnits(price.unit_amount, price.currency)} at Stripe, ${inMajorUnits(offer.price.amount, offer.price.currency)} here.`,
    )
  if (price.recurring?.interval !== interval || price.recurring.interval_count !== interval_count)
    problems.push(
      `${where} recurs ${price.recurring ? `every ${price.recurring.interval_count} ${price.recurring.interval}` : 'never'} at Stripe, every ${interval_count} ${interval} here.`,
    )
  return problems
}

const called = (offer: Offer): string => `${offer.plan} ${offer.interval} (${offer.price.id ?? offer.lookupKey})`

export const idOf = (reference: string | { readonly id: string }): string =>
  typeof reference === 'string' ? reference : reference.id
