import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { configurationOf, switchedOn } from '../engine/payment-method-types.ts'
import { noSuch, notSupported } from '../protocol/errors.ts'
import { pageOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'

type Configuration = Stripe.PaymentMethodConfiguration

// An account has one configuration, its default: which methods are on follows from what Stripe Local knows of them.
defineResource({
  kind: 'payment_method',
  operations: {
    'GET /v1/payment_method_configurations': ({ account, params, url }) => {
      if (params.application) throw notSupported('configurations of Connect applications')
      const { data, has_more } = pageOf(params.active === false ? [] : [configuration(account)], params)
      return { object: 'list', data, has_more, url }
    },
    'GET /v1/payment_method_configurations/{id}': ({ account, path }) => {
      const found = configuration(account)
      if (path.id !== found.id) throw noSuch('payment_method_configuration', path.id, 'configuration', 404)
      return found
    },
  },
})

const on = { available: true, display_preference: { overridable: null, preference: 'on', value: 'on' } }

/** https://docs.stripe.com/api/payment_method_configurations/object */
const configuration = (account: Account): Configuration => ({
  id: configurationOf(account.id).id,
  object: 'payment_method_configuration',
  active: true,
  application: null,
  is_default: true,
  livemode: false,
  name: 'Default',
  parent: null,
  ...Object.fromEntries(switchedOn.map((type) => [type, on])),
})
