import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { type Account, createAccount } from '../account.ts'
import type { Kinds } from '../kinds.ts'
import '../resources/index.ts'
import { createCustomer } from '../resources/customers.ts'
import { attachPaymentMethod } from './payment-methods.ts'
import {
  cancelPaymentIntent,
  completeAuthentication,
  confirmPaymentIntent,
  createCardPaymentMethod,
  createPaymentIntentForInvoice,
  newPaymentIntent,
  onPaymentIntentChange,
} from './payments.ts'
import { confirmSetupIntent, newSetupIntent } from './setups.ts'

const nobody = { id: null, idempotency_key: null }

/** An account with a customer who has a card, and a way to do things as one unit of work. */
function start(card: string) {
  const account: Account = createAccount({ key: 'sk_test_engine', pagesUrl: () => 'http://localhost:1' })
  const inWork = <T>(work: () => T): T => account.work(nobody, work)
  const customer = inWork(() => createCustomer(account, { email: 'ada@example.com' })).id
  const method = inWork(() => attachPaymentMethod(account, card, customer)).id
  const eventsOf = (work: () => unknown): string[] => {
    const before = account.store.size('event')
    inWork(work)
    return account.store
      .all('event')
      .slice(before)
      .map(({ type }) => type)
  }
  return { account, customer, method, inWork, eventsOf }
}

/** As much of an invoice as a payment looks at. */
const invoiceOf = (customer: string, reason: Stripe.Invoice.BillingReason): Kinds['invoice'] =>
  ({
    id: 'in_1',
    object: 'invoice',
    amount_remaining: 2500,
    billing_reason: reason,
    currency: 'usd',
    customer,
    parent: { type: 'subscription_details', subscription_details: { subscription: 'sub_1', metadata: {} } },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    statement_descriptor: null,
  }) as unknown as Kinds['invoice']

describe('the payment of an invoice', () => {
  it('is an intent that names the invoice and keeps the card for later', () => {
    const { account, customer, inWork, eventsOf } = start('pm_card_visa')
    const events = eventsOf(() => createPaymentIntentForInvoice(account, invoiceOf(customer, 'subscription_create')))
    expect(events).toEqual(['payment_intent.created'])
    const intent = inWork(() => createPaymentIntentForInvoice(account, invoiceOf(customer, 'subscription_cycle')))
    expect(intent).toMatchObject({
      amount: 2500,
      automatic_payment_methods: null,
      capture_method: 'automatic',
      description: 'Subscription update',
      payment_details: { customer_reference: null, order_reference: 'in_1' },
      payment_method_types: ['acss_debit', 'card', 'cashapp', 'link', 'us_bank_account'],
      setup_future_usage: 'off_session',
      status: 'requires_payment_method',
    })
  })

  it('has its charge and its money at once', () => {
    const { account, customer, method, inWork, eventsOf } = start('pm_card_visa')
    const intent = inWork(() => createPaymentIntentForInvoice(account, invoiceOf(customer, 'subscription_create')))
    const events = eventsOf(() => confirmPaymentIntent(account, intent.id, { paymentMethod: method, offSession: true }))
    expect(events).toEqual(['charge.succeeded', 'payment_intent.succeeded'])
    const paid = account.get('payment_intent', intent.id)
    const charge = account.get('charge', paid.latest_charge ?? '')
    expect(charge).toMatchObject({ description: 'Subscription creation', amount: 2500, paid: true })
    expect(account.find('balance_transaction', charge.balance_transaction ?? '')).toMatchObject({ fee: 103, net: 2397 })
  })

  it('does not throw when the card is declined', () => {
    const { account, customer, method, inWork, eventsOf } = start('pm_card_chargeCustomerFail')
    const intent = inWork(() => createPaymentIntentForInvoice(account, invoiceOf(customer, 'subscription_cycle')))
    const events = eventsOf(() => confirmPaymentIntent(account, intent.id, { paymentMethod: method, offSession: true }))
    expect(events).toEqual(['charge.failed', 'payment_intent.payment_failed'])
    expect(account.get('payment_intent', intent.id)).toMatchObject({
      last_payment_error: { code: 'card_declined', decline_code: 'generic_decline' },
      status: 'requires_payment_method',
    })
  })

  it('waits for a customer who is away, when his card asks for him', () => {
    const { account, customer, method, inWork } = start('pm_card_authenticationRequired')
    const intent = inWork(() => createPaymentIntentForInvoice(account, invoiceOf(customer, 'subscription_cycle')))
    const waiting = inWork(() => confirmPaymentIntent(account, intent.id, { paymentMethod: method, offSession: true }))
    expect(waiting).toMatchObject({ latest_charge: null, status: 'requires_action' })
  })

  it('asks a card that was set up only once', () => {
    const { account, customer, method, inWork } = start('pm_card_authenticationRequiredOnSetup')
    const pay = (offSession: boolean) => {
      const intent = createPaymentIntentForInvoice(account, invoiceOf(customer, 'subscription_create'))
      return confirmPaymentIntent(account, intent.id, { paymentMethod: method, offSession })
    }
    const first = inWork(() => pay(false))
    expect(first.status).toBe('requires_action')
    inWork(() => completeAuthentication(account, first.id, true))
    expect(inWork(() => pay(true)).status).toBe('succeeded')
    expect(inWork(() => pay(false)).status).toBe('requires_action')
  })
})

describe('3D Secure', () => {
  const payment = (account: Account, customer: string) =>
    account.insert(
      'payment_intent',
      newPaymentIntent(account, { amount: 2500, currency: 'usd', customer, payment_method_types: ['card'] }),
    )

  it('pays when the customer approves', () => {
    const { account, customer, method, inWork, eventsOf } = start('pm_card_threeDSecure2Required')
    const { id } = inWork(() => payment(account, customer))
    inWork(() => confirmPaymentIntent(account, id, { paymentMethod: method, returnUrl: 'http://localhost/' }))
    expect(eventsOf(() => completeAuthentication(account, id, true))).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
    ])
    const paid = account.get('payment_intent', id)
    expect(paid).toMatchObject({ next_action: null, status: 'succeeded' })
    const charge = account.get('charge', paid.latest_charge ?? '')
    expect(charge.payment_method_details?.card).toMatchObject({
      electronic_commerce_indicator: '05',
      three_d_secure: { authentication_flow: 'challenge', result: 'authenticated' },
    })
    expect(() => inWork(() => completeAuthentication(account, id, true))).toThrow('not waiting for anybody')
  })

  it('asks for another payment method when he refuses', () => {
    const { account, customer, method, inWork, eventsOf } = start('pm_card_threeDSecure2Required')
    const { id } = inWork(() => payment(account, customer))
    inWork(() => confirmPaymentIntent(account, id, { paymentMethod: method }))
    expect(eventsOf(() => completeAuthentication(account, id, false))).toEqual(['payment_intent.payment_failed'])
    expect(account.get('payment_intent', id)).toMatchObject({
      last_payment_error: {
        code: 'payment_intent_authentication_failure',
        message:
          'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
        payment_method: { id: method },
        type: 'invalid_request_error',
      },
      payment_method: null,
      status: 'requires_payment_method',
    })
  })

  it('does not help a card without money', () => {
    const { account, customer, method, inWork } = start('pm_card_authenticationRequiredChargeDeclinedInsufficientFunds')
    const { id } = inWork(() => payment(account, customer))
    inWork(() => confirmPaymentIntent(account, id, { paymentMethod: method }))
    expect(inWork(() => completeAuthentication(account, id, true))).toMatchObject({
      last_payment_error: { decline_code: 'insufficient_funds' },
      status: 'requires_payment_method',
    })
  })

  it('finishes or fails a setup as well', () => {
    const { account, customer, method, inWork, eventsOf } = start('pm_card_authenticationRequiredOnSetup')
    const begin = () => {
      const intent = inWork(() => account.insert('setup_intent', newSetupIntent(account, { customer })))
      return inWork(() => confirmSetupIntent(account, intent.id, { paymentMethod: method })).id
    }
    const first = begin()
    expect(eventsOf(() => completeAuthentication(account, first, true))).toEqual(['setup_intent.succeeded'])
    const second = begin()
    expect(eventsOf(() => completeAuthentication(account, second, false))).toEqual(['setup_intent.setup_failed'])
    expect(account.get('setup_intent', second)).toMatchObject({
      last_setup_error: { code: 'setup_intent_authentication_failure' },
      status: 'requires_payment_method',
    })
  })
})

describe('an intent', () => {
  it('tells whoever listens of each change', () => {
    const { account, customer, method, inWork } = start('pm_card_chargeCustomerFail')
    const heard: string[] = []
    onPaymentIntentChange((_account, intent) => void heard.push(intent.status))
    const { id } = inWork(() => createPaymentIntentForInvoice(account, invoiceOf(customer, 'subscription_cycle')))
    inWork(() => confirmPaymentIntent(account, id, { paymentMethod: method }))
    inWork(() => cancelPaymentIntent(account, id, 'void_invoice'))
    expect(heard).toEqual(['requires_payment_method', 'canceled'])
    expect(account.get('payment_intent', id)).toMatchObject({
      canceled_at: expect.any(Number),
      cancellation_reason: 'void_invoice',
    })
  })

  it('can be paid by a card that was typed into a page', () => {
    const { account, customer, inWork } = start('pm_card_visa')
    const typed = inWork(() =>
      createCardPaymentMethod(account, { number: '5555 5555 5555 4444', exp_month: 12, exp_year: 2040, cvc: '123' }),
    )
    const { id } = inWork(() => createPaymentIntentForInvoice(account, invoiceOf(customer, 'subscription_create')))
    const paid = inWork(() => confirmPaymentIntent(account, id, { paymentMethod: typed.id }))
    expect(paid.status).toBe('succeeded')
    expect(account.get('payment_method', typed.id).customer).toBe(customer)
  })
})
