import type { Account } from '../account.ts'
import { shippingOf } from '../engine/billing-details.ts'
import { cancelPaymentIntent, newPaymentIntent } from '../engine/payments.ts'
import { newSetupIntent } from '../engine/setups.ts'
import type { Kinds } from '../kinds.ts'
import type { Session } from './session.ts'

type PaymentData = Kinds['local.checkout']['params']['payment_intent_data']

/** The intent of an earlier try, brought up to date, or a new one. */
export function paymentIntentFor(account: Account, session: Session, amount: number): Kinds['payment_intent'] {
  const { intent: known, params } = account.get('local.checkout', session.id)
  const data = params.payment_intent_data
  const subscribes = session.mode === 'subscription'
  const fields: Partial<Kinds['payment_intent']> & { amount: number; currency: string } = {
    amount,
    currency: session.currency ?? 'usd',
    customer: session.customer,
    receipt_email: data?.receipt_email ?? null,
    payment_method_types: session.payment_method_types,
    setup_future_usage: subscribes ? 'off_session' : (data?.setup_future_usage ?? null),
    shipping: subscribes ? null : shippingFor(session, data),
  }
  const open = known ? account.find('payment_intent', known) : undefined
  if (open && open.status !== 'canceled') return account.update('payment_intent', open.id, fields)
  const intent = account.insert(
    'payment_intent',
    newPaymentIntent(account, {
      ...fields,
      capture_method: data?.capture_method ?? (subscribes ? 'automatic' : 'automatic_async'),
      description: subscribes ? 'Subscription creation' : (data?.description ?? null),
      metadata: Object.fromEntries(Object.entries(data?.metadata ?? {}).map(([name, value]) => [name, String(value)])),
      payment_details: { customer_reference: null, order_reference: session.id.slice(0, 25) },
      payment_method_options: {
        card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
      },
      statement_descriptor: data?.statement_descriptor ?? null,
      statement_descriptor_suffix: data?.statement_descriptor_suffix ?? null,
      transfer_group: data?.transfer_group ?? null,
    }),
  )
  account.emit('payment_intent.created', intent)
  account.update('local.checkout', session.id, { intent: intent.id })
  // In subscription mode the session shows the invoice, and the intent belongs to that.
  if (!subscribes) account.update('checkout.session', session.id, { payment_intent: intent.id })
  return intent
}

/** Where it is sent: the address that was entered on the page or, where none is asked for, what the session was made with. */
function shippingFor(session: Session, data: PaymentData): Kinds['payment_intent']['shipping'] {
  const entered = session.collected_information?.shipping_details
  if (entered) return { ...noCarrier, name: entered.name, address: entered.address }
  return data?.shipping ? shippingOf(data.shipping) : null
}

const noCarrier = { carrier: null, phone: null, tracking_number: null }

/** The setup intent of the session, or one that checks a card which is charged later. */
export function setupIntentFor(account: Account, session: Session): Kinds['setup_intent'] {
  const { intent: known } = account.get('local.checkout', session.id)
  const open = known ? account.find('setup_intent', known) : undefined
  if (open && open.status !== 'canceled') return account.update('setup_intent', open.id, { customer: session.customer })
  // A total that became nothing by a promotion code leaves behind the intent of an earlier try.
  if (known && account.find('payment_intent', known)) cancelPaymentIntent(account, known, 'abandoned')
  return createSetupIntent(account, session)
}

/** A setup intent of a session; in setup mode there is one from the beginning. */
export function createSetupIntent(account: Account, session: Session): Kinds['setup_intent'] {
  const data = account.get('local.checkout', session.id).params.setup_intent_data
  const intent = account.insert(
    'setup_intent',
    newSetupIntent(account, {
      customer: session.customer,
      description: data?.description ?? null,
      metadata: Object.fromEntries(Object.entries(data?.metadata ?? {}).map(([name, value]) => [name, String(value)])),
      payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
      payment_method_types: session.payment_method_types,
      usage: 'off_session',
    }),
  )
  account.emit('setup_intent.created', intent)
  account.update('local.checkout', session.id, { intent: intent.id })
  return intent
}

/** Why an intent could not be paid, in Stripe's words. */
export function refusalOf(intent: Kinds['payment_intent'] | Kinds['setup_intent']): string {
  const error = 'last_payment_error' in intent ? intent.last_payment_error : intent.last_setup_error
  return error?.message ?? 'Your payment could not be taken.'
}
