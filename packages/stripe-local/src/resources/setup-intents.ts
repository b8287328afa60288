import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { verifyMicrodeposits } from '../engine/microdeposits.ts'
import { checkOwner } from '../engine/payment-attempts.ts'
import { unexpectedState } from '../engine/payment-errors.ts'
import { checkConfiguration, configurationOf, optionsOf, typesForSetup } from '../engine/payment-method-types.ts'
import { createPaymentMethod, paymentMethodOf } from '../engine/payment-methods.ts'
import { cancelSetupIntent, confirmSetupIntent, newSetupIntent, type SetupIntent } from '../engine/setups.ts'
import { ApiError, invalidRequest } from '../protocol/errors.ts'
import { listOf } from '../protocol/list.ts'
import { defineResource } from '../resource.ts'
import { fromPath } from './from-path.ts'
import { mergeMetadata } from './metadata.ts'
import { refuseUnsupported } from './unsupported.ts'

type CreateParams = Stripe.SetupIntentCreateParams
type UpdateParams = Stripe.SetupIntentUpdateParams
/** What a creation, an update and a confirmation may each say of a setup; an empty text clears a field. */
type Changes = {
  allowed_payment_method_types?: string[] | '' | null
  customer?: string
  description?: string | null
  excluded_payment_method_types?: string[] | '' | null
  metadata?: Stripe.Emptyable<Stripe.MetadataParam>
  payment_method?: string
  payment_method_configuration?: string
  payment_method_data?: object
  payment_method_options?: object
}

const unsupported = [
  'attach_to_self',
  'confirmation_token',
  'customer_account',
  'flow_directions',
  'on_behalf_of',
  'single_use',
] as const

defineResource({
  kind: 'setup_intent',
  operations: {
    'POST /v1/setup_intents': ({ account, params }) => createSetupIntent(account, params),
    'GET /v1/setup_intents/{id}': ({ account, path }) => ofPath(account, path.id),
    'POST /v1/setup_intents/{id}': ({ account, path, params }) => updateSetupIntent(account, path.id, params),
    'POST /v1/setup_intents/{id}/confirm': ({ account, path, params }) => {
      applyChanges(account, ofPath(account, path.id), params as Changes, false)
      return confirm(account, path.id, params)
    },
    'POST /v1/setup_intents/{id}/verify_microdeposits': ({ account, path, params }) =>
      verifyMicrodeposits(account, ofPath(account, path.id), params),
    'POST /v1/setup_intents/{id}/cancel': ({ account, path, params }) => {
      ofPath(account, path.id)
      return cancelSetupIntent(account, path.id, params.cancellation_reason ?? null)
    },
    'GET /v1/setup_intents': ({ account, params, url }) =>
      listOf(account, 'setup_intent', params, url, {
        ...(params.customer !== undefined && { among: account.store.by('setup_intent', 'customer', params.customer) }),
        // None is attached to the account itself: that is for Connect.
        where: (intent) =>
          params.attach_to_self !== true &&
          (params.payment_method === undefined || intent.payment_method === params.payment_method),
      }),
    'GET /v1/setup_attempts': ({ account, params, url }) =>
      listOf(account, 'setup_attempt', params, url, {
        among: account.store.by('setup_attempt', 'setup_intent', params.setup_intent),
      }),
  },
})

const ofPath = (account: Account, id: string): SetupIntent =>
  fromPath(account, 'setup_intent', id, 'intent', 'setupintent')

/** https://docs.stripe.com/api/setup_intents/create */
function createSetupIntent(account: Account, params: CreateParams): SetupIntent {
  return account.atTimeOf(params.customer, () => {
    const isAutomatic = (params.automatic_payment_methods?.enabled ?? true) && !params.allowed_payment_method_types
    const intent = account.insert(
      'setup_intent',
      newSetupIntent(account, {
        automatic_payment_methods: isAutomatic
          ? { allow_redirects: params.automatic_payment_methods?.allow_redirects ?? 'always', enabled: true }
          : null,
        payment_method_configuration_details: isAutomatic ? configurationOf(account.id) : null,
        usage: params.usage ?? 'off_session',
      }),
    )
    applyChanges(account, intent, params, !params.confirm)
    account.emit('setup_intent.created', account.get('setup_intent', intent.id))
    return params.confirm ? confirm(account, intent.id, params) : account.get('setup_intent', intent.id)
  })
}

/** https://docs.stripe.com/api/setup_intents/update */
function updateSetupIntent(account: Account, id: string, params: UpdateParams): SetupIntent {
  const intent = ofPath(account, id)
  if (params.payment_method && intent.status === 'succeeded') {
    throw unexpectedState(
      'setup_intent',
      intent,
      'You cannot update this SetupIntent because it has already succeeded.',
    )
  }
  applyChanges(account, intent, params, true)
  return account.get('setup_intent', id)
}

function applyChanges(account: Account, intent: SetupIntent, params: Changes, choose: boolean): void {
  refuseUnsupported('setup intents with', params, unsupported)
  checkConfiguration(account.id, params.payment_method_configuration)
  if (params.customer) account.get('customer', params.customer, 'customer')
  const fields: Partial<SetupIntent> = {
    customer: params.customer ?? intent.customer,
    ...(params.description !== undefined && { description: params.description || null }),
    ...(params.metadata !== undefined && { metadata: mergeMetadata(intent.metadata ?? {}, params.metadata) }),
    ...(params.allowed_payment_method_types && { allowed_payment_method_types: params.allowed_payment_method_types }),
    ...(params.excluded_payment_method_types !== undefined && {
      excluded_payment_method_types: params.excluded_payment_method_types || null,
    }),
  }
  const next = { ...intent, ...fields }
  const types = typesForSetup({
    allowRedirects: intent.automatic_payment_methods?.allow_redirects,
    excluded: next.excluded_payment_method_types,
    allowed: intent.automatic_payment_methods ? null : (next.allowed_payment_method_types ?? ['card']),
  })
  const asked = { ...intent.payment_method_options, ...params.payment_method_options }
  account.update('setup_intent', intent.id, {
    ...fields,
    payment_method_options: optionsOf(types, 'setup', asked) as SetupIntent['payment_method_options'],
    payment_method_types: types,
  })
  const chosen = choose ? methodOf(account, params) : undefined
  if (!chosen) return
  const method = paymentMethodOf(account, chosen)
  checkOwner(account, next, method)
  account.update('setup_intent', intent.id, { payment_method: method.id, status: 'requires_confirmation' })
}

function methodOf(account: Account, params: Changes): string | undefined {
  if (!params.payment_method_data) return params.payment_method
  if (params.payment_method) {
    throw invalidRequest('You may only specify one of these parameters: payment_method, payment_method_data.')
  }
  return createPaymentMethod(account, params.payment_method_data as Stripe.PaymentMethodCreateParams).id
}

/** Confirms, and makes a refusal of the card the answer: a 402 after which everything is kept. */
function confirm(account: Account, id: string, params: Stripe.SetupIntentConfirmParams): SetupIntent {
  const before = account.get('setup_intent', id)
  const redirects = before.automatic_payment_methods?.allow_redirects === 'always'
  if (redirects && !params.return_url && !params.use_stripe_sdk) {
    throw new ApiError(
      400,
      "This SetupIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
      { setup_intent: before },
    )
  }
  const intent = confirmSetupIntent(account, id, {
    paymentMethod: methodOf(account, params),
    returnUrl: params.return_url,
    mandateData: params.mandate_data,
  })
  const error = intent.last_setup_error
  if (intent.status !== 'requires_payment_method' || !error) return intent
  const { message, doc_url, type, ...codes } = error
  throw new ApiError(
    402,
    message ?? '',
    { ...codes, type: 'card_error', setup_intent: intent } as ApiError['details'],
    { keepChanges: true },
  )
}
