import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { configurationOf } from '../engine/payment-method-types.ts'
import type { Kinds } from '../kinds.ts'
import { mergeMetadata } from '../resources/metadata.ts'
import type { Mode } from './rules.ts'

type Session = Kinds['checkout.session']
type Params = Stripe.Checkout.SessionCreateParams

/** The fields of a session that say how its page is to be: what was chosen, and Stripe's defaults for the rest. */
export function chosenFields(account: Account, params: Params, mode: Mode) {
  const embedded = params.ui_mode !== undefined && params.ui_mode !== 'hosted_page'
  return {
    adaptive_pricing: { enabled: params.adaptive_pricing?.enabled ?? mode === 'payment' },
    after_expiration: recoveryOf(params.after_expiration),
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    automatic_tax: automaticTaxOf(params.automatic_tax),
    billing_address_collection: params.billing_address_collection ?? null,
    branding_settings: brandingOf(params.branding_settings),
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    collected_information: { business_name: null, individual_name: null, shipping_details: null },
    consent_collection: consentCollectionOf(params.consent_collection),
    custom_fields: (params.custom_fields ?? []).map(customFieldOf),
    custom_text: customTextOf(params.custom_text),
    ...(params.excluded_payment_method_types && {
      excluded_payment_method_types: params.excluded_payment_method_types,
    }),
    integration_identifier: params.integration_identifier ?? null,
    invoice_creation: mode === 'payment' ? invoiceCreationOf(params.invoice_creation) : null,
    locale: params.locale ?? null,
    managed_payments: params.managed_payments ? { enabled: params.managed_payments.enabled ?? false } : null,
    ...(params.name_collection && { name_collection: nameCollectionOf(params.name_collection) }),
    origin_context: params.origin_context ?? null,
    payment_method_collection: params.payment_method_collection ?? (mode === 'payment' ? 'if_required' : 'always'),
    payment_method_configuration_details: params.allowed_payment_method_types
      ? null
      : {
          ...configurationOf(account.id),
          ...(params.payment_method_configuration && { id: params.payment_method_configuration }),
        },
    payment_method_options: { card: { request_three_d_secure: threeDSecureOf(params) } },
    phone_number_collection: { enabled: params.phone_number_collection?.enabled ?? false },
    ...(embedded && { redirect_on_completion: params.redirect_on_completion ?? 'always' }),
    ...(params.return_url !== undefined && { return_url: params.return_url }),
    saved_payment_method_options: savedMethodsOf(params, mode),
    shipping_address_collection: params.shipping_address_collection ?? null,
    submit_type: params.submit_type ?? null,
    success_url: params.success_url ?? null,
    ...(params.tax_id_collection && {
      tax_id_collection: {
        enabled: params.tax_id_collection.enabled,
        required: params.tax_id_collection.required ?? ('never' as const),
      },
    }),
    ui_mode: params.ui_mode ?? 'hosted_page',
    wallet_options: params.wallet_options
      ? { ...(params.wallet_options.link && { link: { display: params.wallet_options.link.display ?? 'auto' } }) }
      : null,
  } satisfies Partial<Session>
}

const threeDSecureOf = (params: Params) => params.payment_method_options?.card?.request_three_d_secure ?? 'automatic'

const recoveryOf = (params: Params['after_expiration']): Session['after_expiration'] =>
  params
    ? {
        recovery: params.recovery
          ? {
              allow_promotion_codes: params.recovery.allow_promotion_codes ?? false,
              enabled: params.recovery.enabled,
              expires_at: null,
              url: null,
            }
          : null,
      }
    : null

/** Stripe Local knows no tax registrations, so its automatic tax is always 0, as on an account without any. */
const automaticTaxOf = (params: Params['automatic_tax']): Session['automatic_tax'] =>
  params?.enabled
    ? {
        enabled: true,
        liability: params.liability ? { ...params.liability } : { type: 'self' },
        provider: 'stripe',
        status: 'requires_location_inputs',
      }
    : { enabled: false, liability: null, provider: null, status: null }

const brandingOf = (params: Params['branding_settings']): NonNullable<Session['branding_settings']> => ({
  background_color: params?.background_color || '#ffffff',
  border_style: params?.border_style || 'rounded',
  button_color: params?.button_color || '#0074d4',
  display_name: params?.display_name ?? 'Stripe Local',
  font_family: params?.font_family || 'default',
  icon: params?.icon ?? null,
  logo: params?.logo ?? null,
})

const consentCollectionOf = (params: Params['consent_collection']): Session['consent_collection'] =>
  params
    ? {
        payment_method_reuse_agreement: params.payment_method_reuse_agreement ?? null,
        promotions: params.promotions ?? null,
        terms_of_service: params.terms_of_service ?? null,
      }
    : null

function customFieldOf(params: NonNullable<Params['custom_fields']>[number]): Session['custom_fields'][number] {
  const { key, label, optional, type, dropdown, numeric, text } = params
  const base = { key, label, optional: optional ?? false, type }
  if (type === 'dropdown') {
    return {
      ...base,
      dropdown: { default_value: dropdown?.default_value ?? null, options: dropdown?.options ?? [], value: null },
    }
  }
  const entry = type === 'numeric' ? numeric : text
  const shown = {
    default_value: entry?.default_value ?? null,
    maximum_length: entry?.maximum_length ?? null,
    minimum_length: entry?.minimum_length ?? null,
    value: null,
  }
  return type === 'numeric' ? { ...base, numeric: shown } : { ...base, text: shown }
}

const customTextOf = (params: Params['custom_text']): Session['custom_text'] => ({
  after_submit: params?.after_submit || null,
  shipping_address: params?.shipping_address || null,
  submit: params?.submit || null,
  terms_of_service_acceptance: params?.terms_of_service_acceptance || null,
})

function invoiceCreationOf(params: Params['invoice_creation']): Session['invoice_creation'] {
  const data = params?.invoice_data
  return {
    enabled: params?.enabled ?? false,
    invoice_data: {
      account_tax_ids: data?.account_tax_ids || null,
      custom_fields: data?.custom_fields || null,
      description: data?.description ?? null,
      footer: data?.footer ?? null,
      issuer: data?.issuer ?? null,
      metadata: mergeMetadata({}, data?.metadata),
      rendering_options: data?.rendering_options
        ? {
            amount_tax_display: data.rendering_options.amount_tax_display || null,
            template: data.rendering_options.template ?? null,
          }
        : null,
    },
  }
}

const nameCollectionOf = (params: NonNullable<Params['name_collection']>): NonNullable<Session['name_collection']> => ({
  ...(params.business && {
    business: { enabled: params.business.enabled, optional: params.business.optional ?? false },
  }),
  ...(params.individual && {
    individual: { enabled: params.individual.enabled, optional: params.individual.optional ?? false },
  }),
})

/** Cards that a customer allowed to be shown again are offered to them; without a customer there are none in payment mode. */
function savedMethodsOf(params: Params, mode: Mode): Session['saved_payment_method_options'] {
  if (mode === 'setup' || (mode === 'payment' && !params.customer && params.customer_creation !== 'always')) return null
  const options = params.saved_payment_method_options
  return {
    allow_redisplay_filters: options?.allow_redisplay_filters ?? ['always'],
    payment_method_remove: options?.payment_method_remove ?? 'disabled',
    payment_method_save: options?.payment_method_save ?? null,
  }
}
