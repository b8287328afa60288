import { describe, expect, it } from 'vitest'
import { startTestStripe } from '../../testing/client.ts'
import { apiVersion } from '../version.ts'
import { formInTodaysWords } from './older-requests.ts'

const decoded = (form: string): string[] => [...new URLSearchParams(form)].map(([name, value]) => `${name}=${value}`)

describe('a request that was written for an older version of the API', () => {
  it('is understood where its words were renamed since', () => {
    const update = 'POST /v1/subscriptions/{id}'
    expect(formInTodaysWords(update, '2025-10-29.clover', 'trial_end=now&billing_cycle_anchor=now')).toBe(
      'trial_end=now&billing_cycle_anchor%5Btype%5D=now',
    )
    expect(formInTodaysWords(update, '2024-06-20', 'coupon=A%26B')).toBe('discounts%5B0%5D%5Bcoupon%5D=A%26B')
    expect(formInTodaysWords('POST /v1/checkout/sessions', '2025-10-29.clover', 'ui_mode=embedded')).toBe(
      'ui_mode=embedded_page',
    )
  })

  it('goes through every change since, the oldest first', () => {
    const preview = 'POST /v1/invoices/create_preview'
    const form =
      'subscription=sub_1&subscription_items[0][id]=si_1&subscription_billing_cycle_anchor=1700000000&coupon=A'
    expect(decoded(formInTodaysWords(preview, '2024-06-20', form))).toEqual([
      'subscription=sub_1',
      'subscription_details[items][0][id]=si_1',
      'subscription_details[billing_cycle_anchor][type]=timestamp',
      'subscription_details[billing_cycle_anchor][timestamp]=1700000000',
      'discounts[0][coupon]=A',
    ])
    const sell =
      'mode=payment&line_items[0][name]=Map&line_items[0][amount]=500&line_items[0][currency]=usd&customer=cus_1'
    expect(decoded(formInTodaysWords('POST /v1/checkout/sessions', '2020-08-27', sell))).toEqual([
      'mode=payment',
      'line_items[0][price_data][product_data][name]=Map',
      'line_items[0][price_data][unit_amount]=500',
      'line_items[0][price_data][currency]=usd',
      'customer=cus_1',
    ])
    const item = 'customer=cus_1&price=price_1&unit_amount=5'
    expect(decoded(formInTodaysWords('POST /v1/invoiceitems', '2024-06-20', item))).toEqual([
      'customer=cus_1',
      'pricing[price]=price_1',
      'unit_amount_decimal=5',
    ])
  })

  it('is understood however old it is: what prorates, and who pays', () => {
    const update = 'POST /v1/subscriptions/{id}'
    expect(decoded(formInTodaysWords(update, '2019-03-14', 'prorate=false&billing=send_invoice'))).toEqual([
      'proration_behavior=none',
      'collection_method=send_invoice',
    ])
    expect(formInTodaysWords('DELETE /v1/subscriptions/{id}', '2019-03-14', 'prorate=true')).toBe('prorate=true')
    const preview = 'subscription=sub_1&subscription_prorate=true'
    expect(decoded(formInTodaysWords('POST /v1/invoices/create_preview', '2020-03-02', preview))).toEqual([
      'subscription=sub_1',
      'subscription_details[proration_behavior]=create_prorations',
    ])
  })

  it.each([
    ['POST /v1/subscriptions', '2025-08-27.basil', 'customer=cus_1', 'billing_mode[type]=classic'],
    ['POST /v1/subscriptions', '2025-09-30.clover', 'customer=cus_1', undefined],
    ['POST /v1/subscriptions', '2025-08-27.basil', 'billing_mode[type]=flexible', undefined],
    ['POST /v1/subscription_schedules', '2024-06-20', 'from_subscription=sub_1', undefined],
    ['POST /v1/checkout/sessions', '2024-06-20', 'mode=payment', undefined],
    ['POST /v1/checkout/sessions', '2024-06-20', 'mode=subscription', 'subscription_data[billing_mode][type]=classic'],
    ['POST /v1/checkout/sessions', '2020-08-27', 'mode=payment', 'customer_creation=always'],
    ['POST /v1/invoices/create_preview', '2024-06-20', 'subscription=sub_1', undefined],
    ['POST /v1/payment_intents', '2022-11-15', '', 'allowed_payment_method_types[]=card'],
    ['POST /v1/payment_intents', '2022-11-15', 'automatic_payment_methods[enabled]=true', undefined],
    ['POST /v1/setup_intents', '2023-08-16', '', undefined],
    ['POST /v1/invoices', '2020-08-27', 'customer=cus_1', 'pending_invoice_items_behavior=include'],
    ['POST /v1/invoices', '2022-08-01', 'customer=cus_1', undefined],
  ])('means by what it leaves out what was meant then: %s by %s with %s', (request, version, form, meant) => {
    const said = form === '' ? [] : [form]
    expect(decoded(formInTodaysWords(request, version, form))).toEqual(meant === undefined ? said : [...said, meant])
  })

  it('is left as it is by the version that the SDK pins, and where nothing was renamed', () => {
    const form = 'billing_cycle_anchor=now&a=%zz&b=+%20'
    expect(formInTodaysWords('POST /v1/subscriptions/{id}', apiVersion, form)).toBe(form)
    expect(formInTodaysWords('POST /v1/customers', '2020-08-27', form)).toBe(form)
    expect(formInTodaysWords('POST /v1/subscriptions/{id}', '2025-10-29.clover', 'a=%zz&b=+%20&&c')).toBe(
      'a=%zz&b=+%20&&c',
    )
  })

  it('says by its header which version that is', async () => {
    const { local } = await startTestStripe()
    const create = async (version: string) => {
      const response = await fetch(`${local.url}/v1/payment_intents`, {
        method: 'POST',
        headers: {
          authorization: 'Bearer sk_test_resources',
          'content-type': 'application/x-www-form-urlencoded',
          'stripe-version': version,
        },
        body: 'amount=2000&currency=usd&payment_method_types[]=card',
      })
      return { status: response.status, body: await response.json() }
    }
    expect(await create('2025-10-29.clover')).toMatchObject({ status: 200, body: { payment_method_types: ['card'] } })
    expect(await create(apiVersion)).toMatchObject({ status: 400, body: { error: { code: 'parameter_unknown' } } })
  })
})
