import { searchFor } from '../protocol/search.ts'
import { defineResource } from '../resource.ts'

/** Search over the kinds whose own files do not have it. */
defineResource({
  kind: 'customer',
  operations: {
    'GET /v1/charges/search': ({ account, params, url }) => searchFor(account, 'charge', params, url),
    'GET /v1/customers/search': ({ account, params, url }) => searchFor(account, 'customer', params, url),
    'GET /v1/invoices/search': ({ account, params, url }) => searchFor(account, 'invoice', params, url),
    'GET /v1/payment_intents/search': ({ account, params, url }) => searchFor(account, 'payment_intent', params, url),
    'GET /v1/subscriptions/search': ({ account, params, url }) => searchFor(account, 'subscription', params, url),
  },
})
