import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { beginHistory, type History, history, live, outcomeOf, type Step } from '../../testing/history.ts'
import { createWorld } from '../../testing/world.ts'
import type { Invoice } from './invoices/totals.ts'

// The clock of an account is real time and an offset: histories that are compared must begin in the same second.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 31, 8, 30) }))
afterEach(() => void vi.useRealTimers())

const lived = (told: History) => {
  const living = beginHistory(told)
  for (const step of told.steps) live(living, step)
  return living
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)

const invoicesOf = ({ account, customer }: ReturnType<typeof lived>): Invoice[] =>
  account.store.by('invoice', 'customer', customer)

describe('whatever becomes of a subscription', () => {
  it('every invoice is the sum of its lines', () => {
    fc.assert(
      fc.property(history, (told) => {
        for (const invoice of invoicesOf(lived(told))) {
          const lines = invoice.lines.data
          const off = sum(lines.flatMap((line) => (line.discount_amounts ?? []).map(({ amount }) => amount)))
          expect(sum(invoice.total_discount_amounts?.map(({ amount }) => amount) ?? [])).toBe(off)
          expect(invoice.subtotal).toBe(sum(lines.map(({ amount }) => amount)))
          const taxes = lines.flatMap((line) => line.taxes ?? [])
          expect(sum(invoice.total_taxes?.map(({ amount }) => amount) ?? [])).toBe(
            sum(taxes.map(({ amount }) => amount)),
          )
          const onTop = sum(taxes.filter((tax) => tax.tax_behavior === 'exclusive').map(({ amount }) => amount))
          expect(invoice.total).toBe(invoice.subtotal - off + onTop)
          expect(invoice.total_excluding_tax).toBe(invoice.total - sum(taxes.map(({ amount }) => amount)))
          expect(lines.every(({ amount }) => Number.isSafeInteger(amount))).toBe(true)
        }
      }),
    )
  })

  it('every final invoice is paid by money and by balance, to the cent', () => {
    fc.assert(
      fc.property(history, (told) => {
        for (const invoice of invoicesOf(lived(told))) {
          if (invoice.status === 'draft') continue
          const toBalance = (invoice.ending_balance ?? 0) - invoice.starting_balance
          expect(invoice.amount_due).toBe(invoice.total - toBalance)
          expect(invoice.amount_due).toBeGreaterThanOrEqual(0)
          expect(invoice.amount_paid + invoice.amount_remaining).toBe(invoice.amount_due)
          expect(invoice.amount_remaining === 0).toBe(invoice.status === 'paid')
        }
      }),
    )
  })

  it('a balance comes from transactions, those from invoices, and money from charges', () => {
    fc.assert(
      fc.property(history, (told) => {
        const living = lived(told)
        const { account, customer } = living
        const invoices = invoicesOf(living)
        const transactions = account.store.by('customer_balance_transaction', 'customer', customer)
        expect(account.get('customer', customer).balance).toBe(sum(transactions.map(({ amount }) => amount)))
        for (const invoice of invoices) {
          const own = sum(transactions.filter((each) => each.invoice === invoice.id).map(({ amount }) => amount))
          const kept = invoice.status !== 'draft' && invoice.status !== 'void'
          expect(own).toBe(kept ? (invoice.ending_balance ?? 0) - invoice.starting_balance : 0)
        }
        const charged = account.store.by('charge', 'customer', customer).filter(({ paid }) => paid)
        expect(sum(charged.map(({ amount }) => amount))).toBe(sum(invoices.map(({ amount_paid }) => amount_paid)))
      }),
    )
  })

  it('time may pass at once or bit by bit', () => {
    fc.assert(
      fc.property(history, fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 5 }), (told, parts) => {
        const inParts = told.steps.flatMap((step): Step[] => (step.do === 'wait' ? split(step.seconds, parts) : [step]))
        expect(outcomeOf(lived({ ...told, steps: inParts }))).toEqual(outcomeOf(lived(told)))
      }),
    )
  })

  it('a snapshot that is restored goes on as if nothing had happened in between', () => {
    fc.assert(
      fc.property(history, history, (told, other) => {
        const living = beginHistory(told)
        const half = Math.floor(told.steps.length / 2)
        for (const step of told.steps.slice(0, half)) live(living, step)
        const { store, clock } = living.account
        const [snapshot, offset] = [store.snapshot(), clock.offset]
        for (const step of other.steps) live(living, step)
        store.restore(snapshot)
        clock.offset = offset
        for (const step of told.steps.slice(half)) live(living, step)
        expect(outcomeOf(living)).toEqual(outcomeOf(lived(told)))
      }),
    )
  })
})

/** So many seconds as several waits, in these proportions. */
function split(seconds: number, parts: readonly number[]): Step[] {
  const whole = sum(parts)
  const cuts = parts.map((_, i) => Math.floor((seconds * sum(parts.slice(0, i + 1))) / whole))
  return cuts.map((cut, i) => ({ do: 'wait', seconds: cut - (cuts[i - 1] ?? 0) }))
}

describe('a switch and a switch back', () => {
  it('cancel out, but for the unit that is between two', () => {
    const day = 86_400
    const amounts = fc.integer({ min: 0, max: 100_000 })
    fc.assert(
      fc.property(amounts, amounts, fc.integer({ min: 0, max: 27 * day }), (before, after, seconds) => {
        const world = createWorld()
        const [a, b] = [world.price(before), world.price(after)]
        const customer = world.customer()
        const { id, items } = world.subscribe({ customer, items: [{ price: a }] })
        world.wait(seconds)
        for (const price of [b, a]) world.update(id, { items: [{ id: items.data[0]?.id ?? '', price }] })
        const { account } = world
        const prorations = account.store.by('invoiceitem', 'customer', customer)
        expect(Math.abs(sum(prorations.map(({ amount }) => amount)))).toBeLessThanOrEqual(1)
      }),
    )
  })
})
