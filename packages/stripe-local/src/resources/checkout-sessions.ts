import type Stripe from 'stripe'
// Sessions follow their payments from the start on.
import { breakdownOf } from '../checkout/breakdown.ts'
import '../checkout/complete.ts'
import type { Account } from '../account.ts'
import { linesOf, refreshTotals } from '../checkout/amounts.ts'
import { expireSession } from '../checkout/expire.ts'
import { checkPrices, itemOf, priceOf } from '../checkout/items.ts'
import { anchorDue, passAnchor } from '../checkout/pass-anchor.ts'
import type { Mode } from '../checkout/rules.ts'
import { createSession, type Session } from '../checkout/session.ts'
import { replaceShippingOptions } from '../checkout/shipping.ts'
import { defineDue } from '../engine/agenda.ts'
import type { CheckoutItem, CheckoutLine } from '../kinds.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { type ListParams, listOf, pageOf } from '../protocol/list.ts'
import { render } from '../protocol/render.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'

defineResource({
  kind: 'checkout.session',
  operations: {
    'POST /v1/checkout/sessions': ({ account, params }) => createSession(account, params),
    'POST /v1/checkout/sessions/{id}': ({ account, path, params }) => updateSession(account, path.id, params),
    'POST /v1/checkout/sessions/{id}/expire': ({ account, path }) => {
      const session = account.get('checkout.session', path.id)
      if (session.status === 'open') return expireSession(account, path.id)
      throw invalidRequest(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
      )
    },
    'GET /v1/checkout/sessions/{id}': ({ account, path }) => account.get('checkout.session', path.id),
    'GET /v1/checkout/sessions/{id}/line_items': ({ account, path, params, url }) =>
      lineItems(account, account.get('checkout.session', path.id), params, url),
    'GET /v1/checkout/sessions': ({ account, params, url }) => {
      const { customer, subscription, payment_intent, payment_link, status, customer_details } = params
      const among = customer
        ? account.store.by('checkout.session', 'customer', customer)
        : subscription
          ? account.store.by('checkout.session', 'subscription', subscription)
          : undefined
      return listOf(account, 'checkout.session', params, url, {
        ...(among && { among }),
        where: (session) =>
          (!customer || session.customer === customer) &&
          (!subscription || session.subscription === subscription) &&
          (!payment_intent || session.payment_intent === payment_intent) &&
          (!payment_link || session.payment_link === payment_link) &&
          (!status || session.status === status) &&
          (!customer_details ||
            session.customer_details?.email?.toLowerCase() === customer_details.email.toLowerCase()),
      })
    },
  },
  includes: {
    line_items: (session, account) => lineItems(account, session, {}, `/v1/checkout/sessions/${session.id}/line_items`),
    // Shipping is not taxed: automatic tax is not here, and rates are given to line items.
    'shipping_cost.taxes': () => [],
    'total_details.breakdown': (session, account) => breakdownOf(account, session),
  },
})

defineDue({
  kind: 'checkout.session',
  dueAt: (account, session) =>
    session.status === 'open' ? Math.min(session.expires_at, anchorDue(account, session) ?? session.expires_at) : null,
  run: (account, session) =>
    void (session.expires_at <= account.now ? expireSession(account, session.id) : passAnchor(account, session)),
})

/** A page of line items, in the order in which they were given. */
function lineItems(account: Account, session: Session, params: ListParams, url: string): object {
  const page = pageOf(linesOf(account, session).toReversed(), params)
  return { object: 'list', data: page.data.map((line) => shown(account, line)), has_more: page.has_more, url }
}

const shown = (account: Account, line: CheckoutLine): object => ({
  ...line,
  price: render(account, account.get('price', line.price)),
})

/** https://docs.stripe.com/api/checkout/sessions/update */
function updateSession(account: Account, id: string, params: Stripe.Checkout.SessionUpdateParams): Session {
  const session = account.get('checkout.session', id)
  for (const name of ['line_items', 'shipping_options'] as const) {
    if (params[name] === undefined || session.status === 'open') continue
    throw invalidRequest(`You can only update the \`${name}\` of a Checkout Session that is \`open\`.`, name)
  }
  if (params.shipping_options && session.mode !== 'payment') {
    throw invalidRequest(`You can not pass \`shipping_options\` in \`${session.mode}\` mode.`, 'shipping_options')
  }
  const shipping = params.collected_information?.shipping_details
  account.update('checkout.session', id, {
    metadata: mergeMetadata(session.metadata ?? {}, params.metadata),
    ...(shipping && {
      collected_information: {
        business_name: session.collected_information?.business_name ?? null,
        individual_name: session.collected_information?.individual_name ?? null,
        shipping_details: { name: shipping.name, address: { ...emptyAddress, ...shipping.address } },
      },
    }),
  })
  if (params.payment_intent_data) updatePaymentIntentData(account, id, params.payment_intent_data)
  if (params.shipping_options !== undefined) replaceShippingOptions(account, session, params.shipping_options)
  if (params.line_items) {
    const { items, offers = [] } = account.get('local.checkout', id)
    const changed = itemsAfter(account, items, params.line_items)
    const prices = [...changed, ...offers].map(({ price }) => account.get('price', price))
    checkPrices(prices, session.mode as Mode, session.currency ?? 'usd')
    account.update('local.checkout', id, { items: changed })
    return refreshTotals(account, id)
  }
  return account.get('checkout.session', id)
}

const emptyAddress = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null }

function updatePaymentIntentData(
  account: Account,
  id: string,
  data: NonNullable<Stripe.Checkout.SessionUpdateParams['payment_intent_data']>,
): void {
  const { params } = account.get('local.checkout', id)
  const given = Object.entries(data).filter(([, value]) => value !== '')
  account.update('local.checkout', id, {
    params: { ...params, payment_intent_data: { ...params.payment_intent_data, ...Object.fromEntries(given) } },
  })
}

/** The line items that an update asks for, the whole list: those with an id are kept and changed, the others are new, the rest goes. */
function itemsAfter(
  account: Account,
  before: readonly CheckoutItem[],
  params: NonNullable<Stripe.Checkout.SessionUpdateParams['line_items']>,
): CheckoutItem[] {
  return params.map((entry, index) => {
    const { id, metadata, tax_rates, ...rest } = entry
    const known = id === undefined ? undefined : before.find((item) => item.id === id)
    if (id !== undefined && !known)
      throw invalidRequest(`No such line item: '${id}'`, `line_items[${index}][id]`, 'resource_missing')
    const wanted = {
      ...rest,
      ...(known && rest.price === undefined && rest.price_data === undefined && { price: known.price }),
      ...(known?.quantity != null && rest.quantity === undefined && { quantity: known.quantity }),
      ...(metadata && { metadata }),
      ...(tax_rates ? { tax_rates } : known && tax_rates === undefined && { tax_rates: known.tax_rates }),
    }
    const param = `line_items[${index}]`
    const item = itemOf(account, wanted, priceOf(account, wanted, param), param)
    return known
      ? { ...item, id: known.id, adjustable_quantity: item.adjustable_quantity ?? known.adjustable_quantity }
      : item
  })
}
