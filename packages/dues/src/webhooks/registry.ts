import type Stripe from 'stripe'
import { idOf } from '../mirror/contents.ts'
import type { Telling } from '../mirror/tellings.ts'
import type { MirroredKind } from '../mirror/types.ts'

/**
 * What an event means to the mirror.
 * `snapshot`: its object is of a mirrored kind and may be written, by the interval rule.
 * `charge`: its object is a charge, which says of itself what was refunded.
 * `points`: its object only leads to what has to be fetched.
 * `session`: its object is a Checkout session, which says whose a customer is and which subscription came of it.
 */
export type Meaning =
  | { as: 'snapshot'; kind: MirroredKind; deletes?: true; tells?: Telling }
  | { as: 'charge' }
  | { as: 'points'; kind: MirroredKind | 'charge'; to: (object: never) => string | null }
  | { as: 'session' }

const subscription: Meaning = { as: 'snapshot', kind: 'subscription' }
const customer: Meaning = { as: 'snapshot', kind: 'customer' }
const invoice: Meaning = { as: 'snapshot', kind: 'invoice' }
const dispute: Meaning = { as: 'points', kind: 'charge', to: (object: Stripe.Dispute) => idOf(object.charge) }
const schedule: Meaning = {
  as: 'points',
  kind: 'subscription',
  to: (object: Stripe.SubscriptionSchedule) => idOf(object.subscription) ?? idOf(object.released_subscription),
}
const session: Meaning = { as: 'session' }

/**
 * Every event that Dues understands, and why it matters. All others are kept in the inbox and change nothing.
 * To understand another: add its line here. Thin events (`v1.…`) need none, they name their object.
 */
export const registry: { readonly [Type in Stripe.Event['type']]?: Meaning } = {
  // The way from a Checkout to a membership: whose the customer is. The subscription comes in an event of its own, or is fetched.
  'checkout.session.completed': session,
  // A delayed payment method (a bank debit) came through or did not, days later.
  'checkout.session.async_payment_succeeded': session,
  'checkout.session.async_payment_failed': session,
  // Nobody paid; whoever reserved something for this Checkout may let it go.
  'checkout.session.expired': session,

  // The membership itself. `created` can arrive after `updated`, and `deleted` before both.
  'customer.subscription.created': subscription,
  'customer.subscription.updated': subscription,
  'customer.subscription.deleted': subscription,
  // A trial ended without a card, or somebody paused by the API.
  'customer.subscription.paused': subscription,
  'customer.subscription.resumed': subscription,
  // A plan switch that waited for its payment went through, or was given up: the old plan stays.
  'customer.subscription.pending_update_applied': subscription,
  'customer.subscription.pending_update_expired': subscription,
  // Three days before the end of a trial: nothing changes, but the member wants to be told.
  'customer.subscription.trial_will_end': { ...subscription, tells: 'trialWillEnd' },

  // What the subscription will be from its next period on, or no longer will be. It is a part of the subscription's row, and fetched with it.
  'subscription_schedule.created': schedule,
  'subscription_schedule.updated': schedule,
  'subscription_schedule.released': schedule,
  'subscription_schedule.canceled': schedule,
  'subscription_schedule.completed': schedule,
  'subscription_schedule.aborted': schedule,

  // Who pays: the address for mails, the card that renewals are charged to.
  'customer.created': customer,
  'customer.updated': customer,
  // The object is the customer as it was; only the type says that it is gone.
  'customer.deleted': { ...customer, deletes: true },

  // What is owed and what was paid. `paid` of a cycle is what a renewal is.
  'invoice.created': invoice,
  'invoice.finalized': invoice,
  'invoice.updated': invoice,
  'invoice.paid': invoice,
  'invoice.payment_succeeded': invoice,
  'invoice.payment_failed': invoice,
  // 3D Secure is asked for: only the member can give it, on Stripe's page.
  'invoice.payment_action_required': { ...invoice, tells: 'actionRequired' },
  'invoice.voided': invoice,
  'invoice.marked_uncollectible': invoice,
  'invoice.overdue': invoice,
  'invoice.finalization_failed': invoice,
  'invoice.sent': invoice,
  'invoice.deleted': { ...invoice, deletes: true },
  // `invoice.upcoming` is not here: its invoice does not exist yet and has no id.

  // Money went back. It does not end the subscription.
  'charge.refunded': { as: 'charge' },
  // A dispute names its charge, and the charge names the customer.
  'charge.dispute.created': dispute,
  'charge.dispute.updated': dispute,
  'charge.dispute.closed': dispute,
  'charge.dispute.funds_withdrawn': dispute,
  'charge.dispute.funds_reinstated': dispute,
}

/** The meaning of an event's type. The type may be one that Stripe invented yesterday. */
export function meaningOf(type: string): Meaning | null {
  return Object.hasOwn(registry, type) ? ((registry as Record<string, Meaning>)[type] ?? null) : null
}
