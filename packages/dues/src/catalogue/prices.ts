import type Stripe from 'stripe'
import { DuesError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Database } from '../store/database.ts'
import { knownPrices, savePrices } from '../store/prices.ts'
import { callStripe } from '../stripe/client.ts'
import type { Catalogue } from './catalogue.ts'
import { resolvePrices } from './resolve.ts'

/** How the catalogue comes to know its price ids. */
export type Prices = {
  /** Asks Stripe, and refuses (`settings_invalid`) what differs from the configuration. */
  check(): Promise<void>
  /** At start: as `check`; while Stripe is down, by what was found the last time. Access goes on; buying waits for Stripe anyway. */
  prepare(): Promise<void>
  /** Before anything is sold: makes up for a check that Stripe was not there for. */
  ensure(): Promise<void>
}

export function createPrices({
  stripe,
  catalogue,
  database,
  logger,
}: {
  stripe: Stripe
  catalogue: Catalogue
  database: Database
  logger: Logger
}): Prices {
  let checked = false

  const check = async () => {
    const found = await callStripe(() => resolvePrices(stripe, catalogue))
    checked = true
    await savePrices(
      database,
      found.map(({ offer, id, product }) => ({ offer: offer.lookupKey, id, product })),
    )
  }

  return {
    check,
    async prepare() {
      try {
        await check()
      } catch (error) {
        if (!(error instanceof DuesError) || error.code !== 'stripe_unavailable') throw error
        const all = [...catalogue.offers, ...catalogue.addOnOffers]
        const offers = new Map(all.map((offer) => [offer.lookupKey, offer]))
        const known = (await knownPrices(database)).flatMap(({ offer: key, id, product }) => {
          const offer = offers.get(key)
          return offer ? [{ offer, id, product }] : []
        })
        // A first start knows nothing to go on with.
        if (known.length < all.length) throw error
        catalogue.learn(known)
        logger.warn({ prices: known.length }, 'Stripe cannot be reached; starting with the prices that were last seen')
      }
    },
    async ensure() {
      if (!checked) await check()
    },
  }
}
