import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { addressOf } from '../engine/billing-details.ts'
import { cardShown, cardSource, cardSourcesOf } from '../engine/card-sources.ts'
import { collect } from '../engine/collection.ts'
import { declines } from '../engine/declines.ts'
import { declineError } from '../engine/payment-errors.ts'
import { createCardOfToken, detachPaymentMethod, testCardBehind, verified } from '../engine/payment-methods.ts'
import type { AnyObject, Kinds } from '../kinds.ts'
import { unknownParameters } from '../protocol/errors.ts'
import { pageOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'

type PaymentMethod = Kinds['payment_method']

/** What Stripe had before payment methods; of its kinds there are cards here. https://docs.stripe.com/api/cards */
defineResource({
  kind: 'payment_method',
  operations: {
    'POST /v1/customers/{id}/sources': ({ account, path, params }) => {
      account.get('customer', path.id)
      return account.atTimeOf(path.id, () => cardShown(addSource(account, path.id, params)))
    },
    'GET /v1/customers/{id}/sources': ({ account, path, params, url }) => {
      account.get('customer', path.id)
      const cards = params.object && params.object !== 'card' ? [] : cardSourcesOf(account, path.id)
      const { data, has_more } = pageOf(cards, params)
      return { object: 'list', data: data.map(cardShown), has_more, url }
    },
    'GET /v1/customers/{id}/sources/{source}': ({ account, path }) => cardShown(ofPath(account, path)),
    'POST /v1/customers/{id}/sources/{source}': ({ account, path, params }) =>
      updateSource(account, ofPath(account, path), params),
    'DELETE /v1/customers/{id}/sources/{source}': ({ account, path }) => {
      const { id } = detachPaymentMethod(account, ofPath(account, path).id)
      return { id, object: 'card', deleted: true }
    },
  },
})

function ofPath(account: Account, path: { id: string; source: string }): PaymentMethod {
  account.get('customer', path.id)
  return cardSource(account, path.id, path.source, 'id')
}

/** Another card for a customer; the first one becomes the default. https://docs.stripe.com/api/cards/create */
function addSource(account: Account, customer: string, params: NewSource): PaymentMethod {
  const { default_source: known } = account.get('customer', customer)
  const kept = keepSource(account, customer, params)
  if (known === null) account.change('customer.updated', 'customer', customer, { default_source: kept.id })
  return kept
}

/** What a new source is made of. */
type NewSource = {
  source: string
  metadata?: Stripe.Emptyable<Stripe.MetadataParam> | undefined
  /** Whether the bank is asked; it is, unless this is false. */
  validate?: boolean | undefined
}

/**
 * Keeps a card for a customer. Errors: 400 `resource_missing` for what is no token, the 402 of a card that is declined.
 */
export function keepSource(
  account: Account,
  customer: string,
  { source, metadata, validate }: NewSource,
): PaymentMethod {
  const method = createCardOfToken(account, source)
  const decline = validate === false ? undefined : testCardBehind(account, method)?.declines
  if (decline) throw declineError(declines[decline])
  const kept = account.update('payment_method', method.id, {
    ...verified(account, method),
    customer,
    metadata: mergeMetadata({}, metadata),
  })
  account.emit('payment_method.attached', kept)
  account.emit('customer.source.created', cardShown(kept) as AnyObject)
  return kept
}

/**
 * The `source` of an update takes the place of the default: that card goes, and what a past due subscription owes is tried with the new one.
 *
 * https://docs.stripe.com/api/customers/update
 */
export function afterReplacing(account: Account, customer: string, old: string | null): void {
  if (old) detachPaymentMethod(account, old)
  for (const { status, collection_method, latest_invoice } of account.store.by('subscription', 'customer', customer)) {
    if (status !== 'past_due' || collection_method !== 'charge_automatically') continue
    const invoice = account.find('invoice', latest_invoice ?? '')
    if (invoice?.status === 'open' && invoice.auto_advance) collect(account, invoice.id, { offSession: true })
  }
}

/** https://docs.stripe.com/api/cards/update */
function updateSource(account: Account, method: PaymentMethod, params: Stripe.CustomerUpdateSourceParams): Stripe.Card {
  const ofOthers = (['account_holder_name', 'account_holder_type', 'owner'] as const).filter((name) => params[name])
  // These are a bank account's.
  if (ofOthers.length > 0) throw unknownParameters(ofOthers)
  const { customer, card, billing_details } = method
  const { address_city, address_country, address_line1, address_line2, address_state, address_zip } = params
  const given = {
    city: address_city,
    country: address_country,
    line1: address_line1,
    line2: address_line2,
    postal_code: address_zip,
    state: address_state,
  }
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return account.atTimeOf(customer, () => {
    const after = account.update('payment_method', method.id, {
      billing_details: {
        ...billing_details,
        address: addressOf(named, billing_details.address ?? undefined),
        name: params.name === undefined ? billing_details.name : params.name || null,
      },
      ...(card && {
        card: {
          ...card,
          exp_month: Number(params.exp_month ?? card.exp_month),
          exp_year: Number(params.exp_year ?? card.exp_year),
        },
      }),
      metadata: mergeMetadata(method.metadata ?? {}, params.metadata),
    })
    account.emit('customer.source.updated', cardShown(after) as AnyObject, cardShown(method) as never)
    return cardShown(after)
  })
}
