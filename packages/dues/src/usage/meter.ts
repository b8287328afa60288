import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Answers } from '../entitlements/membership.ts'
import type { MeterRow } from '../store/usage.ts'
import { givesAccess } from './period.ts'

/**
 * The billing meter that a use is reported to: that of a metered price which the owner's subscription has, if it is called like the feature.
 * Who has the feature by a grant, or by a price that is not metered, is charged nothing for it.
 */
export function meterOf(answers: Answers, feature: string, catalogue: Catalogue): MeterRow | null {
  const { subscription } = answers
  if (!subscription || !givesAccess(answers)) return null
  const isMetered = subscription.items.some((item) => {
    const placed = catalogue.place(item)
    const addOn = catalogue.placeAddOn(item)
    const offers = [
      ...catalogue.offers.filter(({ plan }) => plan === placed?.plan),
      ...catalogue.addOnOffers.filter((offer) => offer.addOn === addOn?.addOn),
    ]
    const known = (placed ?? addOn)?.interval ?? null
    // An older price is known by its product alone. Where it was not metered after all, Stripe's meter counts and charges nothing.
    return offers.some(({ interval, price }) => (known === null || interval === known) && price.meter === feature)
  })
  return isMetered ? { event: feature, customer: subscription.customer } : null
}
