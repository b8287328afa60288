import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { billingDetailsOf } from '../engine/billing-details.ts'
import {
  attachPaymentMethod,
  createPaymentMethod,
  detachPaymentMethod,
  paymentMethodOf,
} from '../engine/payment-methods.ts'
import type { Kinds } from '../kinds.ts'
import { ApiError, invalidRequest, notSupported } from '../protocol/errors.ts'
import { type List, listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'

type PaymentMethod = Kinds['payment_method']

defineResource({
  kind: 'payment_method',
  operations: {
    'POST /v1/payment_methods': ({ account, params }) => createPaymentMethod(account, params),
    'GET /v1/payment_methods/{id}': ({ account, path }) => paymentMethodOf(account, path.id, 'payment_method', 404),
    'POST /v1/payment_methods/{id}': ({ account, path, params }) => updatePaymentMethod(account, path.id, params),
    'POST /v1/payment_methods/{id}/attach': ({ account, path, params }) => {
      if (params.customer_account) throw notSupported('customer accounts')
      if (params.customer) return attachPaymentMethod(account, path.id, params.customer)
      throw new ApiError(400, 'Must provide customer or customer_account.', { code: 'parameter_missing' })
    },
    'POST /v1/payment_methods/{id}/detach': ({ account, path }) => detachPaymentMethod(account, path.id),
    'GET /v1/payment_methods': ({ account, params, url }) => {
      if (params.customer) account.get('customer', params.customer, 'customer')
      return ofCustomer(account, params.customer, params, url)
    },
    'GET /v1/customers/{id}/payment_methods': ({ account, path, params, url }) => {
      account.get('customer', path.id)
      return ofCustomer(account, path.id, params, url)
    },
    'GET /v1/customers/{id}/payment_methods/{payment_method}': ({ account, path }) => {
      account.get('customer', path.id)
      const method = paymentMethodOf(account, path.payment_method, 'payment_method', 404)
      if (method.customer === path.id) return method
      throw invalidRequest(
        `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
        'payment_method',
        'resource_missing',
      )
    },
  },
})

/** The newest first. Without a customer there is nothing to list: what is attached to nobody is in no list. */
function ofCustomer(
  account: Account,
  customer: string | undefined,
  params: Stripe.CustomerListPaymentMethodsParams,
  url: string,
): List<PaymentMethod> {
  return listOf(account, 'payment_method', params, url, {
    among: customer ? account.store.by('payment_method', 'customer', customer) : [],
    where: (method) =>
      (params.type === undefined || method.type === params.type) &&
      (params.allow_redisplay === undefined || method.allow_redisplay === params.allow_redisplay),
  })
}

/** https://docs.stripe.com/api/payment_methods/update */
function updatePaymentMethod(account: Account, id: string, params: Stripe.PaymentMethodUpdateParams): PaymentMethod {
  const method = paymentMethodOf(account, id, 'payment_method', 404)
  if (!method.customer) {
    throw invalidRequest('You must save this PaymentMethod to a customer before you can update it.')
  }
  if (params.us_bank_account) throw notSupported('updates of US bank accounts')
  const fields: Partial<PaymentMethod> = {
    billing_details: billingDetailsOf(params.billing_details, method.billing_details),
    metadata: mergeMetadata(method.metadata ?? {}, params.metadata),
    ...(params.allow_redisplay && { allow_redisplay: params.allow_redisplay }),
    ...(params.card && { card: updatedCard(method, params.card) }),
  }
  return account.atTimeOf(method.customer, () =>
    account.change('payment_method.updated', 'payment_method', method.id, fields),
  )
}

function updatedCard(
  method: PaymentMethod,
  { exp_month, exp_year, networks }: Stripe.PaymentMethodUpdateParams.Card,
): NonNullable<PaymentMethod['card']> {
  if (!method.card) throw invalidRequest('You can only update the card of a payment method of the type card.', 'card')
  return {
    ...method.card,
    ...(exp_month !== undefined && { exp_month }),
    ...(exp_year !== undefined && { exp_year }),
    ...(networks && {
      networks: { available: method.card.networks?.available ?? [], preferred: networks.preferred || null },
    }),
  }
}
