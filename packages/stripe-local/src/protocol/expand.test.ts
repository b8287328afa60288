import { describe, expect, it } from 'vitest'
import { openShop } from '../../testing/business.ts'
import { refusalOf } from '../../testing/client.ts'

async function subscribed() {
  const shop = await openShop()
  const price = await shop.price({ unit_amount: 1900 })
  return { ...shop, subscription: await shop.subscribe([{ price: price.id }]) }
}

const tooDeep = (path: string) => ({
  status: 400,
  code: 'property_expansion_max_depth',
  message: `You cannot expand more than 4 levels of a property. Property: ${path}`,
})

describe('an expansion', () => {
  it('reaches four levels of one object', async () => {
    const { stripe, subscription, customer, method } = await subscribed()
    const shown = await stripe.subscriptions.retrieve(subscription.id, {
      expand: [
        'items.data.price.product',
        'latest_invoice.payments.data.payment',
        'latest_invoice.customer.invoice_settings.default_payment_method',
      ],
    })
    expect(shown).toMatchObject({
      items: { data: [{ price: { product: { object: 'product', name: 'Pro' } } }] },
      latest_invoice: {
        object: 'invoice',
        payments: { data: [{ object: 'invoice_payment', payment: { type: 'payment_intent' } }] },
        customer: { id: customer.id, invoice_settings: { default_payment_method: { id: method?.id, type: 'card' } } },
      },
    })
  })

  it('reaches four levels of a list, whose data is the first', async () => {
    const { stripe, customer, method } = await subscribed()
    const { data } = await stripe.subscriptions.list({
      expand: ['data.customer.invoice_settings.default_payment_method', 'data.latest_invoice.payments'],
      customer: customer.id,
    })
    expect(data).toMatchObject([
      {
        customer: { id: customer.id, invoice_settings: { default_payment_method: { id: method?.id, type: 'card' } } },
        latest_invoice: { object: 'invoice', payments: { data: [{ object: 'invoice_payment', status: 'paid' }] } },
      },
    ])
    const { data: payments } = await stripe.invoicePayments.list({ expand: ['data.payment.payment_intent.customer'] })
    expect(payments).toMatchObject([{ payment: { payment_intent: { customer: { id: customer.id, name: 'Ada' } } } }])
  })

  // https://github.com/stripe/stripe-java/issues/2011
  it.each(['data.items.data.price.product', 'data.payments.data.payment.charge'])(
    'goes no deeper, and counts each data of a list as Stripe does: %s',
    async (path) => {
      const { stripe } = await subscribed()
      expect(await refusalOf(stripe.subscriptions.list({ expand: [path] }))).toEqual(tooDeep(path))
    },
  )

  it('of one object counts the data of the lists in it', async () => {
    const { stripe, subscription } = await subscribed()
    const path = 'latest_invoice.payments.data.payment.payment_intent'
    expect(await refusalOf(stripe.subscriptions.retrieve(subscription.id, { expand: [path] }))).toEqual(tooDeep(path))
  })

  it('of what cannot be expanded is refused, with where to look in a list', async () => {
    const { stripe, customer } = await subscribed()
    expect((await refusalOf(stripe.subscriptions.list({ expand: ['customer'] }))).message).toBe(
      "This property cannot be expanded (customer). You may want to try expanding 'data.customer' instead.",
    )
    expect((await refusalOf(stripe.customers.retrieve(customer.id, { expand: ['email'] }))).message).toBe(
      'This property cannot be expanded (email).',
    )
    expect((await refusalOf(stripe.customers.retrieve(customer.id, { expand: ['nothing'] }))).message).toBe(
      "This property cannot be expanded because it doesn't exist: nothing.",
    )
  })
})
