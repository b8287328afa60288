import type { Account } from '../../account.ts'
import { formatRhythm } from '../../engine/calendar.ts'
import type { AnyObject, Kind, Kinds } from '../../kinds.ts'
import { methodName } from '../card-form.ts'
import { money } from '../web/format.ts'

/** An object in one row of a list. */
export type Row = { what: string; state?: string | null; amount?: string; customer?: string | null; created?: number }

type Describe = { [K in Kind]?: (object: Kinds[K], account: Account) => Row }

const describers: Describe = {
  customer: (customer) => ({
    what: [customer.name, customer.email].filter(Boolean).join(', ') || 'Somebody',
    ...(customer.balance !== 0 && { amount: money(customer.balance, customer.currency) }),
  }),
  subscription: (subscription, account) => ({
    what:
      subscription.items.data
        .map((item) => priceName(account, item.price as unknown as Kinds['price'] | string))
        .join(', ') || 'Nothing',
    state: subscription.status,
    customer: subscription.customer,
  }),
  invoice: (invoice) => ({
    what: invoice.number ?? 'Draft',
    state: invoice.status,
    amount: money(invoice.total, invoice.currency),
    customer: invoice.customer,
  }),
  payment_intent: (intent) => ({
    what: intent.description ?? 'Payment',
    state: intent.status,
    amount: money(intent.amount, intent.currency),
    customer: intent.customer,
  }),
  setup_intent: (intent) => ({ what: 'Setup', state: intent.status, customer: intent.customer }),
  charge: (charge) => ({
    what: charge.description ?? 'Charge',
    state: charge.refunded ? 'refunded' : charge.status,
    amount: money(charge.amount, charge.currency),
    customer: charge.customer,
  }),
  refund: (refund) => ({
    what: refund.reason ?? 'Refund',
    state: refund.status,
    amount: money(refund.amount, refund.currency),
  }),
  dispute: (dispute) => ({
    what: dispute.reason,
    state: dispute.status,
    amount: money(dispute.amount, dispute.currency),
  }),
  'checkout.session': (session) => ({
    what: session.customer_details?.email ?? session.customer_email ?? session.mode,
    state: session.status,
    amount: money(session.amount_total, session.currency),
    customer: session.customer,
  }),
  product: (product) => ({ what: product.name, state: product.active ? 'active' : 'archived' }),
  price: (price, account) => ({ what: priceName(account, price), state: price.active ? 'active' : 'archived' }),
  coupon: (coupon) => ({
    what: coupon.name ?? coupon.id,
    state: coupon.duration,
    amount: coupon.percent_off === null ? money(coupon.amount_off, coupon.currency) : `${coupon.percent_off}%`,
  }),
  promotion_code: (promotion) => ({
    what: promotion.code,
    state: promotion.active ? 'active' : 'inactive',
    customer: promotion.customer,
  }),
  payment_method: (method) => ({
    what: methodName(method),
    state: method.customer ? 'attached' : 'detached',
    customer: method.customer,
  }),
  event: (event) => ({ what: event.type }),
  'v2.core.event': (notification) => ({ what: notification.type }),
  invoiceitem: (item) => ({
    what: item.description ?? 'Item',
    amount: money(item.amount, item.currency),
    customer: item.customer,
  }),
  credit_note: (note) => ({
    what: note.number,
    state: note.status,
    amount: money(note.total, note.currency),
    customer: note.customer,
  }),
  webhook_endpoint: (endpoint) => ({ what: endpoint.url, state: endpoint.status }),
  subscription_schedule: (schedule) => ({
    what: `${schedule.phases.length} phases`,
    state: schedule.status,
    customer: schedule.customer,
  }),
  'test_helpers.test_clock': (clock) => ({ what: clock.name ?? 'Test clock', state: clock.status }),
}

/** What a list tells of an object. */
export function describe(account: Account, kind: Kind, object: AnyObject): Row {
  const created = (object as { created?: unknown }).created
  const when = typeof created === 'number' ? { created } : {}
  if ('deleted' in object) return { what: 'Deleted', state: 'deleted', ...when }
  const row = (describers[kind] as ((object: AnyObject, account: Account) => Row) | undefined)?.(object, account)
  return { ...(row ?? { what: object.id }), ...when }
}

/** `Professional, $19.00 per month`. */
export function priceName(account: Account, price: Kinds['price'] | string): string {
  const found = typeof price === 'string' ? account.find('price', price) : price
  if (!found) return 'a price that is gone'
  const product = account.find('product', found.product)
  const amount = found.unit_amount_decimal === null ? 'by tiers' : money(found.unit_amount_decimal, found.currency)
  const rhythm = found.recurring ? formatRhythm(found.recurring) : ''
  const per = rhythm ? ` ${rhythm.startsWith('every') ? rhythm : `per ${rhythm}`}` : ''
  return `${product && 'name' in product ? product.name : found.product}, ${amount}${per}`
}
