import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, missingParameter, notSupported } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { mergeMetadata } from './metadata.ts'

type Configuration = Kinds['billing_portal.configuration']
type Features = Configuration['features']
type Params = Stripe.BillingPortal.ConfigurationCreateParams & Stripe.BillingPortal.ConfigurationUpdateParams
type FeatureParams = NonNullable<Stripe.BillingPortal.ConfigurationUpdateParams['features']>

defineResource({
  kind: 'billing_portal.configuration',
  operations: {
    'POST /v1/billing_portal/configurations': ({ account, params }) => createConfiguration(account, params),
    'POST /v1/billing_portal/configurations/{id}': ({ account, path, params }) => {
      const before = account.get('billing_portal.configuration', path.id)
      if (params.active === false && before.is_default) {
        throw invalidRequest('The default configuration cannot be deactivated.', 'active')
      }
      return account.change('billing_portal.configuration.updated', 'billing_portal.configuration', path.id, {
        ...fieldsOf(account, before, params as Params),
        updated: account.now,
      })
    },
    'GET /v1/billing_portal/configurations/{id}': ({ account, path }) =>
      account.get('billing_portal.configuration', path.id),
    'GET /v1/billing_portal/configurations': ({ account, params, url }) => {
      defaultConfiguration(account)
      return listOf(account, 'billing_portal.configuration', params, url, {
        where: (one) =>
          (params.active === undefined || one.active === params.active) &&
          (params.is_default === undefined || one.is_default === params.is_default),
      })
    },
  },
})

const reasons = ['too_expensive', 'missing_features', 'switched_service', 'unused', 'other']

const noFeatures: Features = {
  customer_update: { allowed_updates: [], enabled: false },
  invoice_history: { enabled: false },
  payment_method_update: { enabled: false, payment_method_configuration: null },
  subscription_cancel: {
    cancellation_reason: { enabled: false, feedback_options: null, options: reasons },
    enabled: false,
    mode: 'at_period_end',
    proration_behavior: 'none',
  },
  subscription_pause: { duration: { interval_options: [], type: 'indefinite' }, enabled: false },
  subscription_update: {
    billing_cycle_anchor: null,
    default_allowed_updates: [],
    enabled: false,
    proration_behavior: 'none',
    schedule_at_period_end: { conditions: [] },
    trial_update_behavior: 'end_trial',
  },
}

/** What the portal can do until somebody says otherwise: details, cards, invoices and cancelling with a reason. */
const defaultFeatures: Features = {
  ...noFeatures,
  customer_update: { allowed_updates: ['email', 'name', 'address', 'phone'], enabled: true },
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true, payment_method_configuration: null },
  subscription_cancel: {
    ...noFeatures.subscription_cancel,
    cancellation_reason: { enabled: true, feedback_options: null, options: reasons },
    enabled: true,
  },
}

const insertConfiguration = (account: Account, fields: Partial<Configuration>): Configuration =>
  account.insert('billing_portal.configuration', {
    id: account.newId('bpc'),
    object: 'billing_portal.configuration',
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    created: account.now,
    default_return_url: null,
    features: noFeatures,
    is_default: false,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
    updated: account.now,
    ...fields,
  })

/** The configuration of sessions that name none. On Stripe it is saved in the dashboard; here every account has one. */
export const defaultConfiguration = (account: Account): Configuration =>
  account.store.all('billing_portal.configuration').find((one) => one.is_default) ??
  insertConfiguration(account, { is_default: true, features: defaultFeatures })

/** https://docs.stripe.com/api/customer_portal/configurations/create */
function createConfiguration(account: Account, params: Stripe.BillingPortal.ConfigurationCreateParams): Configuration {
  const empty = insertConfiguration(account, {})
  const configuration = account.update(
    'billing_portal.configuration',
    empty.id,
    fieldsOf(account, empty, params as Params),
  )
  account.emit('billing_portal.configuration.created', configuration)
  return configuration
}

function fieldsOf(account: Account, before: Configuration, params: Params): Partial<Configuration> {
  if (params.login_page?.enabled) throw notSupported('the login page of the customer portal (make sessions instead)')
  const profile = params.business_profile
  return {
    ...(params.active !== undefined && { active: params.active }),
    ...(params.default_return_url !== undefined && { default_return_url: params.default_return_url || null }),
    ...(params.name !== undefined && { name: params.name || null }),
    ...(params.metadata !== undefined && { metadata: mergeMetadata(before.metadata ?? {}, params.metadata) }),
    ...(profile && {
      business_profile: {
        headline: given(profile.headline, before.business_profile.headline),
        privacy_policy_url: given(profile.privacy_policy_url, before.business_profile.privacy_policy_url),
        terms_of_service_url: given(profile.terms_of_service_url, before.business_profile.terms_of_service_url),
      },
    }),
    ...(params.features && { features: featuresOf(account, before.features, params.features) }),
  }
}

/** What a parameter says; an empty string clears, an absent one leaves what was there. */
const given = <T>(value: T | '' | undefined, before: T | null): T | null =>
  value === undefined ? before : value === '' ? null : value

function featuresOf(account: Account, before: Features, params: FeatureParams): Features {
  const { customer_update, invoice_history, payment_method_update, subscription_cancel, subscription_pause } = params
  if (subscription_pause?.enabled) throw notSupported('pausing in the customer portal')
  if (payment_method_update?.payment_method_configuration) throw notSupported('payment method configurations')
  const features: Features = {
    customer_update: {
      allowed_updates: customer_update?.allowed_updates || before.customer_update.allowed_updates,
      enabled: customer_update?.enabled ?? before.customer_update.enabled,
    },
    invoice_history: { enabled: invoice_history?.enabled ?? before.invoice_history.enabled },
    payment_method_update: {
      enabled: payment_method_update?.enabled ?? before.payment_method_update.enabled,
      payment_method_configuration: null,
    },
    subscription_cancel: cancelFeatureOf(before.subscription_cancel, subscription_cancel),
    subscription_pause: before.subscription_pause,
    subscription_update: updateFeatureOf(account, before.subscription_update, params.subscription_update),
  }
  if (features.customer_update.enabled && features.customer_update.allowed_updates.length === 0) {
    throw missingParameter('features[customer_update][allowed_updates]')
  }
  return features
}

function cancelFeatureOf(
  before: Features['subscription_cancel'],
  params: FeatureParams['subscription_cancel'],
): Features['subscription_cancel'] {
  const reason = params?.cancellation_reason
  if (reason?.feedback_options) throw notSupported('feedback options of the customer portal')
  return {
    cancellation_reason: reason
      ? {
          enabled: reason.enabled,
          feedback_options: null,
          options: reason.options || before.cancellation_reason.options,
        }
      : before.cancellation_reason,
    enabled: params?.enabled ?? before.enabled,
    mode: params?.mode ?? before.mode,
    proration_behavior: params?.proration_behavior ?? before.proration_behavior,
  }
}

function updateFeatureOf(
  account: Account,
  before: Features['subscription_update'],
  params: FeatureParams['subscription_update'],
): Features['subscription_update'] {
  const products =
    params?.products === undefined
      ? before.products
      : (params.products || []).map((product, index) => productOf(account, product, index))
  const feature = {
    billing_cycle_anchor: params?.billing_cycle_anchor ?? before.billing_cycle_anchor,
    default_allowed_updates: params?.default_allowed_updates || before.default_allowed_updates,
    enabled: params?.enabled ?? before.enabled,
    ...(products && { products }),
    proration_behavior: params?.proration_behavior ?? before.proration_behavior,
    schedule_at_period_end: params?.schedule_at_period_end
      ? { conditions: params.schedule_at_period_end.conditions || [] }
      : before.schedule_at_period_end,
    trial_update_behavior: params?.trial_update_behavior ?? before.trial_update_behavior,
  }
  if (feature.enabled && feature.default_allowed_updates.length === 0) {
    throw missingParameter('features[subscription_update][default_allowed_updates]')
  }
  if (feature.enabled && !feature.products?.length) throw missingParameter('features[subscription_update][products]')
  return feature
}

type ProductParams = Stripe.BillingPortal.ConfigurationCreateParams.Features.SubscriptionUpdate.Product

function productOf(account: Account, { product, prices, adjustable_quantity }: ProductParams, index: number) {
  const param = `features[subscription_update][products][${index}]`
  account.get('product', product, `${param}[product]`)
  for (const [i, id] of prices.entries()) {
    const price = account.get('price', id, `${param}[prices][${i}]`)
    if (price.product !== product) {
      throw invalidRequest(
        `The price \`${id}\` does not belong to the product \`${product}\`.`,
        `${param}[prices][${i}]`,
      )
    }
  }
  return {
    adjustable_quantity: {
      enabled: adjustable_quantity?.enabled ?? false,
      maximum: adjustable_quantity?.maximum ?? null,
      minimum: adjustable_quantity?.minimum ?? 1,
    },
    prices: [...prices],
    product,
  }
}
