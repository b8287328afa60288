import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { checkUrl } from '../checkout/rules.ts'
import type { Kinds } from '../kinds.ts'
import { portalUrl } from '../pages/urls.ts'
import { invalidRequest, missingParameter, notSupported } from '../protocol/errors.ts'
import { defineResource } from '../resource.ts'
import { defaultConfiguration } from './portal-configurations.ts'

type Session = Kinds['billing_portal.session']
type Configuration = Kinds['billing_portal.configuration']
type FlowParams = Stripe.BillingPortal.SessionCreateParams.FlowData

defineResource({
  kind: 'billing_portal.session',
  operations: {
    'POST /v1/billing_portal/sessions': ({ account, params }) => createPortalSession(account, params),
  },
})

/** https://docs.stripe.com/api/customer_portal/sessions/create */
function createPortalSession(account: Account, params: Stripe.BillingPortal.SessionCreateParams): Session {
  if (params.customer_account) throw notSupported('the parameter customer_account')
  if (!params.customer) throw missingParameter('customer')
  if (params.after_expiration) throw notSupported('after_expiration of a portal session')
  account.get('customer', params.customer, 'customer')
  const configuration = params.configuration
    ? account.get('billing_portal.configuration', params.configuration, 'configuration')
    : defaultConfiguration(account)
  if (!configuration.active) {
    throw invalidRequest(`The configuration \`${configuration.id}\` is not active.`, 'configuration')
  }
  const id = account.newId('bps')
  const session = account.insert('billing_portal.session', {
    id,
    object: 'billing_portal.session',
    configuration: configuration.id,
    created: account.now,
    customer: params.customer,
    customer_account: null,
    flow: params.flow_data ? flowOf(account, params.customer, configuration, params.flow_data) : null,
    livemode: false,
    locale: params.locale ?? null,
    on_behalf_of: params.on_behalf_of ?? null,
    return_url:
      params.return_url === undefined ? configuration.default_return_url : checkUrl(params.return_url, 'return_url'),
    url: portalUrl(account, id),
  })
  account.emit('billing_portal.session.created', session)
  return session
}

/** Which feature of the configuration a flow needs, and how Stripe's refusal puts it. */
const features = {
  customer_update: ['customer_update', 'The customer cannot be updated because the customer update feature'],
  payment_method_update: [
    'payment_method_update',
    'The payment method cannot be updated because the payment method update feature',
  ],
  subscription_cancel: [
    'subscription_cancel',
    'This subscription cannot be canceled because the subscription cancel feature',
  ],
  subscription_update: [
    'subscription_update',
    'This subscription cannot be updated because the subscription update feature',
  ],
  subscription_update_confirm: [
    'subscription_update',
    'This subscription cannot be updated because the subscription update feature',
  ],
} as const

type FlowType = keyof typeof features

function flowOf(
  account: Account,
  customer: string,
  configuration: Configuration,
  params: FlowParams,
): NonNullable<Session['flow']> {
  if (!(params.type in features)) throw notSupported(`the portal's flow ${params.type}`)
  const type = params.type as FlowType
  const [feature, sentence] = features[type]
  if (!configuration.features[feature].enabled) {
    throw invalidRequest(`${sentence} in the portal configuration is disabled.`, 'flow_data[type]')
  }
  const { subscription_cancel: cancel, subscription_update: update, subscription_update_confirm: confirm } = params
  if (type.startsWith('subscription_') && !params[type as 'subscription_cancel'])
    throw missingParameter(`flow_data[${type}]`)
  for (const [name, part] of Object.entries({
    subscription_cancel: cancel,
    subscription_update: update,
    subscription_update_confirm: confirm,
  })) {
    if (part) checkSubscription(account, customer, part.subscription, `flow_data[${name}][subscription]`)
  }
  const offer = cancel?.retention?.coupon_offer
  if (offer) account.get('coupon', offer.coupon, 'flow_data[subscription_cancel][retention][coupon_offer][coupon]')
  return {
    after_completion: afterCompletionOf(params.after_completion),
    customer_update: type === 'customer_update' ? {} : null,
    subscription_cancel: cancel
      ? {
          retention: offer ? { coupon_offer: { coupon: offer.coupon }, type: 'coupon_offer' } : null,
          subscription: cancel.subscription,
        }
      : null,
    subscription_pause: null,
    subscription_update: update ? { subscription: update.subscription } : null,
    subscription_update_confirm: confirm ? confirmOf(account, confirm) : null,
    type,
  }
}

function checkSubscription(account: Account, customer: string, id: string, param: string): void {
  const subscription = account.get('subscription', id, param)
  if (subscription.customer !== customer) {
    throw invalidRequest(`The subscription \`${id}\` does not belong to the customer \`${customer}\`.`, param)
  }
  if (subscription.status === 'canceled' || subscription.status === 'incomplete_expired') {
    throw invalidRequest(`This subscription cannot be updated because it is ${subscription.status}.`, param)
  }
}

function afterCompletionOf(params: FlowParams['after_completion']): NonNullable<Session['flow']>['after_completion'] {
  if (params?.type === 'redirect' && !params.redirect) throw missingParameter('flow_data[after_completion][redirect]')
  return {
    hosted_confirmation: params?.hosted_confirmation
      ? { custom_message: params.hosted_confirmation.custom_message ?? null }
      : null,
    redirect: params?.redirect
      ? { return_url: checkUrl(params.redirect.return_url, 'flow_data[after_completion][redirect][return_url]') }
      : null,
    type: params?.type ?? 'portal_homepage',
  }
}

function confirmOf(
  account: Account,
  { discounts, items, subscription }: NonNullable<FlowParams['subscription_update_confirm']>,
): NonNullable<Session['flow']>['subscription_update_confirm'] {
  const param = 'flow_data[subscription_update_confirm]'
  if (items.length !== 1)
    throw invalidRequest('Only one item can be updated in a subscription_update_confirm flow.', `${param}[items]`)
  const known = account.get('subscription', subscription).items.data
  return {
    discounts:
      discounts?.map(({ coupon, promotion_code }) => ({
        coupon: coupon ?? null,
        promotion_code: promotion_code ?? null,
      })) ?? null,
    items: items.map(({ id, price, quantity }, index) => {
      if (!known.some((item) => item.id === id)) {
        throw invalidRequest(`No such subscription item: '${id}'`, `${param}[items][${index}][id]`, 'resource_missing')
      }
      if (price !== undefined) account.get('price', price, `${param}[items][${index}][price]`)
      return { id, price: price ?? null, ...(quantity !== undefined && { quantity }) }
    }),
    subscription,
  }
}
