import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { aThinEvent, secret, signed } from '../../testing/deliveries.ts'
import { aSubscription } from '../../testing/objects.ts'
import { DuesError } from '../errors.ts'
import { createVerifier } from './verify.ts'

const now = 1_800_000_000
const body = JSON.stringify({
  id: 'evt_1',
  object: 'event',
  type: 'customer.subscription.updated',
  created: now,
  data: { object: aSubscription({ metadata: { name: 'Zoë' } }) },
})
const verify = createVerifier({ secrets: [secret], now: () => now })
const refusal = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof DuesError ? error.code : String(error)
  }
  return 'accepted'
}

describe('a delivery', () => {
  test('that Stripe signed is read, as text and as bytes', () => {
    const expected = { id: 'evt_1', type: 'customer.subscription.updated', created: now, snapshot: { id: 'sub_1' } }
    expect(verify(body, signed(body))).toMatchObject(expected)
    expect(verify(new TextEncoder().encode(body), signed(body))).toMatchObject(expected)
  })

  test('is refused without a signature, with one of another secret, and with the old scheme alone', () => {
    expect(refusal(() => verify(body, null))).toBe('signature_invalid')
    expect(refusal(() => verify(body, 'nonsense'))).toBe('signature_invalid')
    expect(refusal(() => verify(body, signed(body, { with: 'whsec_other' })))).toBe('signature_invalid')
    expect(refusal(() => verify(body, signed(body).replace('v1=', 'v0=')))).toBe('signature_invalid')
  })

  test('is compared in constant time, whichever character of its signature is wrong', () => {
    const compare = vi.spyOn(crypto, 'timingSafeEqual')
    // The SDK imports it by name.
    syncBuiltinESMExports()
    onTestFinished(() => {
      compare.mockRestore()
      syncBuiltinESMExports()
    })
    const header = signed(body)
    const right = header.slice(-64)
    for (const [n, given] of [right, `${right.slice(0, -1)}x`, `x${right.slice(1)}`].entries()) {
      expect(refusal(() => verify(body, header.replace(right, given)))).toBe(n === 0 ? 'accepted' : 'signature_invalid')
      const compared = compare.mock.calls.at(-1)?.map((bytes) => new TextDecoder().decode(bytes as Uint8Array))
      expect(compared?.toSorted()).toEqual([right, given].toSorted())
    }
    expect(compare).toHaveBeenCalledTimes(3)
  })

  test('passes with either secret while a secret is rolled', () => {
    const rolling = createVerifier({ secrets: ['whsec_new', secret], now: () => now })
    expect(refusal(() => rolling(body, signed(body)))).toBe('accepted')
    expect(refusal(() => rolling(body, signed(body, { with: 'whsec_new' })))).toBe('accepted')
    const both = `${signed(body, { with: 'whsec_gone' })},${signed(body).split(',')[1]}`
    expect(refusal(() => verify(body, both))).toBe('accepted')
  })

  test('that is older than five minutes is refused, by the clock that Dues was given', () => {
    expect(refusal(() => verify(body, signed(body, { at: now - 300 })))).toBe('accepted')
    expect(refusal(() => verify(body, signed(body, { at: now - 301 })))).toBe('signature_invalid')
    const later = createVerifier({ secrets: [secret], now: () => now + 86_400 })
    expect(refusal(() => later(body, signed(body)))).toBe('signature_invalid')
  })

  test('that is signed but no event is refused as such', () => {
    for (const wrong of ['{', '[]', '"x"', 'null', '{"id":"evt_1"}', '{"id":1,"type":"a","created":1}']) {
      expect(refusal(() => verify(wrong, signed(wrong)))).toBe('payload_invalid')
    }
    expect(refusal(() => verify('', signed('')))).toBe('signature_invalid')
  })

  test('whose names no database can keep is refused, and not answered 500 again and again', () => {
    const event = JSON.parse(body) as Record<string, unknown>
    for (const unkeepable of ['a\0b', 'half \ud83d of a character'])
      for (const name of ['id', 'type']) {
        const wrong = JSON.stringify({ ...event, [name]: unkeepable })
        expect(refusal(() => verify(wrong, signed(wrong)))).toBe('payload_invalid')
      }
    const endless = JSON.stringify({ ...event, id: `evt_${'x'.repeat(300)}` })
    expect(refusal(() => verify(endless, signed(endless)))).toBe('payload_invalid')
    const whole = JSON.stringify({ ...event, id: 'evt_👍', account: 'acct_\0' })
    expect(verify(whole, signed(whole))).toMatchObject({ id: 'evt_👍', account: null })
  })

  test('whose bytes were changed into others that read the same is refused', () => {
    const bytes = (text: string) => new TextEncoder().encode(text)
    expect(refusal(() => verify(bytes(`\ufeff${body}`), signed(body)))).toBe('signature_invalid')
    const [before = '', after = ''] = body.split('ë')
    const broken = Buffer.concat([bytes(before), new Uint8Array([0xeb]), bytes(after)])
    expect(refusal(() => verify(broken, signed(`${before}\ufffd${after}`)))).toBe('signature_invalid')
  })

  test('of a thin event is told by its object, and names what it is about', () => {
    const thin = JSON.stringify({
      ...aThinEvent('v1.customer.subscription.past_due', { id: 'sub_1', type: 'subscription' }, now),
      context: 'acct_parent/acct_child',
    })
    expect(verify(thin, signed(thin))).toMatchObject({
      type: 'v1.customer.subscription.past_due',
      created: now,
      account: 'acct_child',
      snapshot: null,
      related: { id: 'sub_1', type: 'subscription' },
    })
  })

  test('is refused where no secret is set, and says which setting that is', () => {
    const none = createVerifier({ secrets: ['', ' '] })
    expect(() => none(body, signed(body))).toThrow('STRIPE_WEBHOOK_SECRET')
  })

  test('whose signature does not fit says so without repeating header, body or secret', () => {
    try {
      verify(body, signed(body, { with: 'whsec_other' }))
      expect.unreachable()
    } catch (error) {
      const told = JSON.stringify({ ...(error as DuesError), message: (error as DuesError).message })
      expect(told).toContain('No signatures found matching')
      expect(told).not.toContain(secret)
      expect(told).not.toContain('sub_1')
    }
  })
})

/** Every change of body or header is either harmless to the signature or refused. */
const runs = 100_000

describe('a mutated delivery', () => {
  const mutations = fc.array(
    fc.record({
      at: fc.nat(),
      how: fc.constantFrom('flip', 'insert', 'delete'),
      with: fc.integer({ min: 1, max: 0x7e }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  type Mutations = (typeof mutations extends fc.Arbitrary<infer T> ? T : never) & unknown[]
  const mutate = (text: string, changes: Mutations) =>
    changes.reduce((kept, { at, how, with: code }) => {
      const index = kept.length === 0 ? 0 : at % kept.length
      const char = String.fromCharCode(code)
      if (how === 'insert') return kept.slice(0, index) + char + kept.slice(index)
      return kept.slice(0, index) + (how === 'flip' ? char : '') + kept.slice(index + 1)
    }, text)

  test('of the body is never accepted', () => {
    const header = signed(body)
    fc.assert(
      fc.property(mutations, (changes) => {
        const mutated = mutate(body, changes)
        return refusal(() => verify(mutated, header)) === (mutated === body ? 'accepted' : 'signature_invalid')
      }),
      { numRuns: runs },
    )
  })

  test('of the header is accepted only while time and signature are still in it', () => {
    const header = signed(body)
    const [, time, signature] = /^t=(\d+),v1=([0-9a-f]+)/.exec(header) ?? []
    fc.assert(
      fc.property(mutations, (changes) => {
        const mutated = mutate(header, changes)
        const outcome = refusal(() => verify(body, mutated))
        const fields = mutated.split(',').map((field) => field.split('='))
        const last = fields.filter(([name]) => name === 't').at(-1)?.[1] ?? ''
        const intact =
          Number.parseInt(last, 10) === Number(time) &&
          fields.some(([name, value]) => name === 'v1' && value === signature)
        return outcome === (intact ? 'accepted' : 'signature_invalid')
      }),
      { numRuns: runs },
    )
  })
})
