import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { shippingOf } from '../engine/billing-details.ts'
import type { Charge } from '../engine/charges.ts'
import { captureDirectCharge, createDirectCharge } from '../engine/direct-charges.ts'
// What falls due for charges, refunds and disputes registers itself.
import '../engine/settlement.ts'
import { invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'
import { refuseUnsupported } from './unsupported.ts'

/** Connect, which is not here. */
const unsupported = [
  'application_fee',
  'application_fee_amount',
  'destination',
  'on_behalf_of',
  'radar_options',
  'transfer_data',
] as const

defineResource({
  kind: 'charge',
  operations: {
    'GET /v1/charges/{id}': ({ account, path }) => account.get('charge', path.id),
    'POST /v1/charges/{id}': ({ account, path, params }) => updateCharge(account, path.id, params),
    'POST /v1/charges': ({ account, params }) => {
      refuseUnsupported('charges with', params, unsupported)
      return createDirectCharge(account, params)
    },
    'POST /v1/charges/{id}/capture': ({ account, path, params }) => {
      refuseUnsupported('capturing charges with', params, [
        'application_fee',
        'application_fee_amount',
        'transfer_data',
      ])
      const charge = account.get('charge', path.id)
      if (charge.payment_intent === null) return captureDirectCharge(account, charge.id, params)
      throw invalidRequest(
        `This Charge was created by a PaymentIntent (${charge.payment_intent}). You must capture the PaymentIntent to capture the Charge.`,
      )
    },
    'GET /v1/charges': ({ account, params, url }) =>
      listOf(account, 'charge', params, url, {
        ...among(account, params),
        where: (charge) =>
          (params.customer === undefined || charge.customer === params.customer) &&
          (params.transfer_group === undefined || charge.transfer_group === params.transfer_group),
      }),
  },
  includes: {
    refunds: (charge, account) => {
      const refunds = account.store.by('refund', 'charge', charge.id)
      const list = listOf(account, 'refund', {}, `/v1/charges/${charge.id}/refunds`, { among: refunds })
      return { ...list, total_count: refunds.length }
    },
  },
})

function among(account: Account, params: Stripe.ChargeListParams): { among?: Charge[] } {
  if (params.payment_intent !== undefined) {
    return { among: account.store.by('charge', 'payment_intent', params.payment_intent) }
  }
  return params.customer === undefined ? {} : { among: account.store.by('charge', 'customer', params.customer) }
}

/** https://docs.stripe.com/api/charges/update */
function updateCharge(account: Account, id: string, params: Stripe.ChargeUpdateParams): Charge {
  const charge = account.get('charge', id)
  if (params.customer) {
    account.get('customer', params.customer, 'customer')
    if (charge.customer && charge.customer !== params.customer) {
      throw invalidRequest('This charge belongs to another customer already.', 'customer')
    }
  }
  const fields: Partial<Charge> = {
    ...(params.customer && { customer: params.customer }),
    ...(params.description !== undefined && { description: params.description || null }),
    ...(params.metadata !== undefined && { metadata: mergeMetadata(charge.metadata, params.metadata) }),
    ...(params.receipt_email !== undefined && { receipt_email: params.receipt_email || null }),
    ...(params.shipping && { shipping: shippingOf(params.shipping) }),
    ...(params.transfer_group !== undefined && { transfer_group: params.transfer_group || null }),
  }
  if (params.fraud_details) {
    const report = params.fraud_details.user_report
    fields.fraud_details = report ? { user_report: report } : {}
  }
  return account.atTimeOf(charge.customer, () => account.change('charge.updated', 'charge', id, fields))
}
