import type Stripe from 'stripe'
import type { MandateData } from './engine/mandates.ts'
import type { Stored } from './wire.ts'

/** What a payment method is really: the test number behind it. Never answered, never in an event. */
export type LocalCard = {
  /** The id of the payment method, or of the token. */
  id: string
  object: 'local.card'
  /** A test card's number, or the IBAN of a bank account. */
  number: string
  /** The customer has approved its use while he is away. */
  setUp?: boolean
  /** Of a bank account: its customer has shown that it is theirs, by what was deposited there. */
  verified?: boolean
  /** Of a bank account that waits for that: how its customer agreed to be debited. */
  agreement?: MandateData
  /** It was charged without belonging to a customer, or was detached from one: it can never be used again. */
  spent?: boolean
}

/** The part of an event that is not Stripe's: which request made it is in the event itself, this is who still waits for it. */
export type LocalDelivery = {
  id: string
  object: 'local.delivery'
  event: string
  endpoint: string
  state: 'pending' | 'delivered' | 'failed'
  attempts: { at: number; status: number | null; error: string | null; milliseconds: number }[]
  /** What the event says to an endpoint of an older version of the API, as of when it happened. */
  older?: { api_version: string; data: object }
}

/** A thin event: it names the object that changed and does not carry it. */
export type ThinEvent = {
  id: string
  object: 'v2.core.event'
  created: string
  livemode: boolean
  reason?: { type: 'request'; request: { id: string; idempotency_key: string } }
  related_object: { id: string; type: string; url: string } | null
  /** The event of v1 that carries the object. Absent where there is none: nothing in v1 tells of a ping. */
  snapshot_event?: string
  type: string
}

/** What billing has to remember of an object and Stripe does not show: which notices went out, what waits for a payment. */
export type LocalBilling = {
  /** The id of the object that this is about: a subscription, one of its items, an invoice, a discount. */
  id: string
  object: 'local.billing'
  /** Until when notices were sent, by their name: `invoice.upcoming` for the period that ends then. */
  sent?: Record<string, number>
  /** Whether unused time is credited when the subscription ends on the date that was set for it. */
  proratesAtEnd?: boolean
  /** The invoice whose payment applies the subscription's pending update, or resumes it. */
  waitsFor?: string
  /** The fields that the update which waits will set. */
  waiting?: Partial<Stored<Stripe.Subscription>>
  /**
   * Units that count in a period of this subscription item and are billed elsewhere: with the period before, if they were used in the second in
   * which this one began, or at the price that it had before (then `price` is the one that it has since). `billed` of them were by a threshold.
   */
  usedBefore?: { since: number; units: number; billed?: number; price?: string }
  /** What the coupon of a discount was when it was redeemed: deleting the coupon does not touch the discount. */
  coupon?: Stored<Stripe.Coupon>
}

/** Which subscription an item belongs to: items live inside their subscription. */
export type LocalItem = { id: string; object: 'local.item'; subscription: string }

/** How a customer's bank transfers are reconciled, where it is not as the account says. Its id is the customer's. */
export type LocalCashBalance = { id: string; object: 'local.cash_balance'; reconciliation_mode: string }

/** What a session sells: a line item without the amounts, which follow from it. */
export type CheckoutItem = {
  id: string
  price: string
  quantity: number | null
  adjustable_quantity: Stripe.LineItem['adjustable_quantity']
  metadata: Record<string, string> | null
  tax_rates: string[]
}

/** What a Checkout session was made with, and who is at it. Stripe shows of it only what the session says. */
export type LocalCheckout = {
  /** The session's id. */
  id: string
  object: 'local.checkout'
  items: CheckoutItem[]
  /** What the customer may add to the order; what was added is among the items, too. */
  offers?: CheckoutItem[]
  /** What the objects that the payment makes will be made with. */
  params: Pick<
    Stripe.Checkout.SessionCreateParams,
    'customer_update' | 'payment_intent_data' | 'setup_intent_data' | 'subscription_data'
  >
  /** Since when the time up to the `billing_cycle_anchor` is charged: the session's creation, by its customer's clock. */
  since?: number
  /** The payment intent or setup intent that the customer is at; sessions show theirs only in some modes. */
  intent: string | null
  /** The payment method that the intent is tried with. */
  payment_method: string | null
  /** The line items as they were when the session was completed: what changes afterwards does not touch them. */
  lines: CheckoutLine[] | null
}

/** A line item as Stripe shows it, but for the price, of which there is the id. */
export type CheckoutLine = Omit<Stored<Stripe.LineItem>, 'price'> & { price: string }

/** What a meter event counts for; Stripe shows of it only what was sent. */
export type LocalMeterEvent = {
  id: string
  /** The meter and the customer, with a space between: what usage is looked up by. */
  usage: string
  /** The decimal that counts; null after an adjustment cancelled it. */
  value: string | null
}

/** Every kind of object that an account keeps, by the name that stands in its field `object`. */
export interface Kinds {
  'billing.credit_balance_transaction': Stored<Stripe.Billing.CreditBalanceTransaction>
  'billing.credit_grant': Stored<Stripe.Billing.CreditGrant>
  'billing.meter': Stored<Stripe.Billing.Meter>
  'billing.meter_event': Stored<Stripe.Billing.MeterEvent> & LocalMeterEvent
  'billing.meter_event_adjustment': Stored<Stripe.Billing.MeterEventAdjustment> & { id: string }
  'billing_portal.configuration': Stored<Stripe.BillingPortal.Configuration>
  'billing_portal.session': Stored<Stripe.BillingPortal.Session>
  'checkout.session': Stored<Stripe.Checkout.Session>
  'entitlements.active_entitlement': Stored<Stripe.Entitlements.ActiveEntitlement> & { customer: string }
  'entitlements.feature': Stored<Stripe.Entitlements.Feature>
  'local.billing': LocalBilling
  'local.card': LocalCard
  'local.checkout': LocalCheckout
  'local.delivery': LocalDelivery
  'local.cash_balance': LocalCashBalance
  'local.item': LocalItem
  'test_helpers.test_clock': Stored<Stripe.TestHelpers.TestClock>
  balance_transaction: Stored<Stripe.BalanceTransaction>
  charge: Stored<Stripe.Charge>
  coupon: Stored<Stripe.Coupon>
  credit_note: Stored<Stripe.CreditNote>
  customer: Stored<Stripe.Customer>
  customer_balance_transaction: Stored<Stripe.CustomerBalanceTransaction>
  discount: Stored<Stripe.Discount>
  dispute: Stored<Stripe.Dispute>
  event: Stored<Stripe.Event>
  invoice: Stored<Stripe.Invoice>
  invoice_payment: Stored<Stripe.InvoicePayment>
  invoiceitem: Stored<Stripe.InvoiceItem>
  mandate: Stored<Stripe.Mandate>
  payment_intent: Stored<Stripe.PaymentIntent>
  payment_method: Stored<Stripe.PaymentMethod>
  price: Stored<Stripe.Price>
  product: Stored<Stripe.Product>
  product_feature: Stored<Stripe.ProductFeature> & { product: string }
  promotion_code: Stored<Stripe.PromotionCode>
  refund: Stored<Stripe.Refund>
  setup_attempt: Stored<Stripe.SetupAttempt>
  setup_intent: Stored<Stripe.SetupIntent>
  shipping_rate: Stored<Stripe.ShippingRate>
  subscription: Stored<Stripe.Subscription>
  subscription_schedule: Stored<Stripe.SubscriptionSchedule>
  tax_id: Stored<Stripe.TaxId>
  tax_rate: Stored<Stripe.TaxRate>
  token: Stored<Stripe.Token>
  'v2.core.event': ThinEvent
  'v2.core.event_destination': Stored<Stripe.V2.Core.EventDestination>
  webhook_endpoint: Stored<Stripe.WebhookEndpoint>
}

export type Kind = keyof Kinds
/** What every kept object has. */
export type AnyObject = { id: string; object: string }
