import type Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import { isMissing } from '../stripe/client.ts'
import type { AddOnOffer, Catalogue, FoundPrice, Offer } from './catalogue.ts'
import { intervals } from './plans.ts'
import { amountInWords } from './terms.ts'

/** Stripe takes at most ten lookup keys a call. */
const keysPerCall = 10

/** What Stripe leaves out of a price unless it is asked for it. */
export const expandedPrice = ['currency_options', 'tiers'] as const

type Any = Offer | AddOnOffer

/** What Stripe has of the offers: their prices, and the billing meters, by id, that prices name. */
export type AtStripe = {
  readonly prices: ReadonlyMap<Any, Stripe.Price>
  readonly meters: ReadonlyMap<string, string>
}

/**
 * Finds every price of the catalogue at Stripe, teaches the catalogue their ids, and refuses (`settings_invalid`) naming each one that is
 * missing or differs from what the configuration says: members must never be charged another price than the page showed.
 */
export async function resolvePrices(stripe: Stripe, catalogue: Catalogue): Promise<FoundPrice[]> {
  const offers = [...catalogue.offers, ...catalogue.addOnOffers]
  const { prices: found, meters } = await findPrices(stripe, offers)
  const problems = offers.flatMap((offer) => differences(offer, found.get(offer), meters))
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
export async function findPrices(stripe: Stripe, offers: readonly Any[]): Promise<AtStripe> {
  const found = new Map<Any, Stripe.Price>()
  const byKey = offers.filter((offer) => !offer.price.id)
  for (let from = 0; from < byKey.length; from += keysPerCall) {
    const some = byKey.slice(from, from + keysPerCall)
    // Archived ones as well: a key stays with its price, and only one price has it.
    const { data } = await stripe.prices.list({
      lookup_keys: some.map(({ lookupKey }) => lookupKey),
      limit: 100,
      expand: expandedPrice.map((field) => `data.${field}`),
    })
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
  const metered = offers.some(({ price }) => price.meter) || [...found.values()].some((price) => price.recurring?.meter)
  return { prices: found, meters: metered ? await findMeters(stripe) : new Map() }
}

/** The event names of all billing meters, by id. A meter keeps its name for good. */
export async function findMeters(stripe: Stripe): Promise<Map<string, string>> {
  const meters = new Map<string, string>()
  for await (const { id, event_name, status } of stripe.billing.meters.list({ limit: 100 }))
    if (status === 'active') meters.set(id, event_name)
  return meters
}

async function retrieve(stripe: Stripe, id: string): Promise<Stripe.Price | null> {
  try {
    return await stripe.prices.retrieve(id, { expand: [...expandedPrice] })
  } catch (error) {
    // Stripe's word for "no such price"; whatever else went wrong is somebody else's to explain.
    if (isMissing(error)) return null
    throw error
  }
}

/** In what a price at Stripe differs from its offer, in sentences. */
export function differences(offer: Any, price: Stripe.Price | undefined, meters: AtStripe['meters']): string[] {
  const where = called(offer)
  if (!price) return [`${where} is not there.`]
  return [...(price.active ? [] : [`${where} is archived.`]), ...termsThatDiffer(offer, price, meters)]
}

/** The differences in what is charged: at Stripe a price's amount and interval are for good. */
export function termsThatDiffer(offer: Any, price: Stripe.Price, meters: AtStripe['meters']): string[] {
  const where = called(offer)
  const { interval, interval_count } = intervals[offer.interval]
  const problems: string[] = []
  const [there, here] = [amountInWords(price, meters), amountInWords(offer.price, meters)]
  if (there !== here) problems.push(`${where} is ${there} at Stripe, ${here} here.`)
  if (price.recurring?.interval !== interval || price.recurring.interval_count !== interval_count)
    problems.push(
      `${where} recurs ${price.recurring ? `every ${price.recurring.interval_count} ${price.recurring.interval}` : 'never'} at Stripe, every ${interval_count} ${interval} here.`,
    )
  return problems
}

const called = (offer: Any): string =>
  `${'plan' in offer ? offer.plan : offer.addOn} ${offer.interval} (${offer.price.id ?? offer.lookupKey})`

export const idOf = (reference: string | { readonly id: string }): string =>
  typeof reference === 'string' ? reference : reference.id
