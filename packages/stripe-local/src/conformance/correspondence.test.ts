import { describe, expect, it } from 'vitest'
import { createCorrespondence } from './correspondence.ts'
import { encodedBody, type Json } from './recording.ts'

const differences = (recorded: Json, local: Json) => [...createCorrespondence().compare(recorded, local)]

describe('a recorded answer and ours', () => {
  it('are the same when they differ in ids, secrets and seconds alone', () => {
    const recorded = {
      id: 'cus_TL2wOKapdYV2oF',
      created: 1761934497,
      client_secret: 'a',
      invoice_prefix: 'AAAA1111',
      number: 'AAAA1111-0001',
    }
    const local = {
      id: 'cus_ABCDEFGHIJKLMN',
      created: 1761934501,
      client_secret: 'b',
      invoice_prefix: 'BBBB2222',
      number: 'BBBB2222-0001',
    }
    expect(differences(recorded, local)).toEqual([])
  })

  it('are compared in what both have', () => {
    expect(differences({ a: 1, older: true }, { a: 1, newer: true })).toEqual([])
  })

  it('differ in amounts, texts, the order of lines and their number', () => {
    expect(
      differences({ amount: 2500, lines: [{ text: 'a' }, { text: 'b' }] }, { amount: 2499, lines: [{ text: 'b' }] }),
    ).toEqual([
      { path: 'amount', recorded: 2500, local: 2499 },
      { path: 'lines.length', recorded: 2, local: 1 },
      { path: 'lines[0].text', recorded: 'a', local: 'b' },
    ])
  })

  it('differ when one has nothing where the other has something', () => {
    expect(differences({ discount: null, schedule: 'x' }, { discount: 'x', schedule: null })).toHaveLength(2)
  })

  it('differ in times that are minutes apart', () => {
    expect(differences({ period_end: 1761934497 }, { period_end: 1761934497 + 600 })).toHaveLength(1)
  })

  it('may be made at another time where the clock cannot be set, but not with other spans', () => {
    const day = 24 * 3600
    const ids = createCorrespondence({ setTime: false })
    const recorded = { created: 1_761_934_497, period_end: 1_761_934_497 + 31 * day }
    const aMonthLater = { created: 1_800_000_000, period_end: 1_800_000_000 + 28 * day }
    const aWeekLater = { created: 1_800_000_000, period_end: 1_800_000_000 + 7 * day }
    expect([...ids.compare(recorded, aMonthLater)]).toEqual([])
    expect([...ids.compare(recorded, aWeekLater)].map(({ path }) => path)).toEqual(['period_end'])
  })

  it('differ when one id stands for two', () => {
    const ids = createCorrespondence()
    expect([...ids.compare({ id: 'sub_11111111' }, { id: 'sub_AAAAAAAA' })]).toEqual([])
    expect([...ids.compare({ id: 'sub_11111111' }, { id: 'sub_BBBBBBBB' })]).toHaveLength(1)
  })

  it('differ when an id is of another kind', () => {
    expect(differences({ latest_invoice: 'in_11111111' }, { latest_invoice: 'pi_11111111' })).toHaveLength(1)
  })

  it('have ids inside their texts', () => {
    const ids = createCorrespondence()
    ids.learn('cus_11111111', 'cus_AAAAAAAA')
    expect([
      ...ids.compare({ url: '/v1/customers/cus_11111111/sources' }, { url: '/v1/customers/cus_AAAAAAAA/sources' }),
    ]).toEqual([])
    expect(ids.translate("No such customer: 'cus_11111111'")).toBe("No such customer: 'cus_AAAAAAAA'")
  })
})

describe('the body of a recorded request', () => {
  const encode = (body: string) =>
    encodedBody({ method: 'POST', path: '/v1/checkout/sessions', query: '', body, stripe_version: '' })

  it('is encoded again', () => {
    expect(encode('customer=cus_1&line_items[0][price]=a b')).toBe('customer=cus_1&line_items%5B0%5D%5Bprice%5D=a%20b')
  })

  it('keeps an address together that has parameters of its own', () => {
    expect(encode('success_url=http://localhost/?a=1&b=2&mode=payment')).toBe(
      `success_url=${encodeURIComponent('http://localhost/?a=1&b=2')}&mode=payment`,
    )
  })
})
