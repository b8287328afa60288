import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, anOwner, onEachApp } from '../../testing/app.ts'
import { type Failure, failingStripe } from '../../testing/failing-stripe.ts'
import { DuesError } from '../errors.ts'

type Process = App['dues']

/** Something that a member does, how it comes about, and what it leaves: whatever failed on the way, once it was tried again. */
type Case = {
  readonly prepare?: (app: App, owner: string) => Promise<unknown>
  readonly plan?: 'pro' | 'ent'
  /** `at`: the second of the preview that is confirmed, and confirmed again. */
  readonly act: (process: Process, owner: string, at: number) => Promise<unknown>
  readonly leaves: object
  /** Invoices of a positive amount that were paid, the first one included. */
  readonly paid: number
}

const cases: Record<string, Case> = {
  'a switch up': {
    act: (process, owner, prorationDate) => process.subscriptions.switchTo(owner, 'ent', 'monthly', { prorationDate }),
    leaves: { plan: 'ent', changesTo: null },
    paid: 2,
  },
  'a switch down': {
    plan: 'ent',
    act: (process, owner) => process.subscriptions.switchTo(owner, 'pro', 'monthly'),
    leaves: { plan: 'ent', changesTo: { plan: 'pro' } },
    paid: 1,
  },
  'to take a planned switch back': {
    plan: 'ent',
    prepare: (app, owner) => app.dues.subscriptions.switchTo(owner, 'pro', 'monthly'),
    act: (process, owner) => process.subscriptions.undoSwitch(owner),
    leaves: { plan: 'ent', changesTo: null },
    paid: 1,
  },
  'a switch up over a planned one': {
    prepare: (app, owner) => app.dues.subscriptions.switchTo(owner, 'pro', 'yearly', { when: 'periodEnd' }),
    act: (process, owner, prorationDate) => process.subscriptions.switchTo(owner, 'ent', 'monthly', { prorationDate }),
    leaves: { plan: 'ent', changesTo: null },
    paid: 2,
  },
  'more seats beside a planned switch': {
    plan: 'ent',
    prepare: (app, owner) => app.dues.subscriptions.switchTo(owner, 'pro', 'monthly'),
    act: (process, owner, prorationDate) => process.subscriptions.setQuantity(owner, 3, { prorationDate }),
    leaves: { plan: 'ent', changesTo: { plan: 'pro' } },
    paid: 2,
  },
  'several add-ons at once': {
    act: (process, owner, prorationDate) =>
      process.subscriptions.setAddOns(owner, { storage: 2, support: 1 }, { prorationDate }),
    leaves: { plan: 'pro', addOns: { storage: 2, support: 1 } },
    paid: 2,
  },
  'a switch that takes add-ons along and leaves one behind': {
    prepare: (app, owner) => app.dues.subscriptions.setAddOns(owner, { storage: 2, support: 1 }),
    act: (process, owner, prorationDate) => process.subscriptions.switchTo(owner, 'ent', 'monthly', { prorationDate }),
    leaves: { plan: 'ent', addOns: { storage: 2, support: 0 } },
    paid: 3,
  },
  'a pause': {
    act: (process, owner) => process.subscriptions.pause(owner),
    leaves: { state: 'paused' },
    paid: 1,
  },
  'the end of a pause': {
    prepare: (app, owner) => app.dues.subscriptions.pause(owner, { unused: 'none' }),
    act: (process, owner) => process.subscriptions.unpause(owner),
    leaves: { plan: 'pro', state: 'active' },
    paid: 2,
  },
  'to come back': {
    prepare: (app, owner) => app.dues.subscriptions.cancel(owner, { when: 'now' }),
    act: (process, owner) => process.subscriptions.comeBack(owner, 'ent', 'monthly'),
    leaves: { plan: 'ent', state: 'active' },
    paid: 2,
  },
  'a cancellation over a planned switch': {
    plan: 'ent',
    prepare: (app, owner) => app.dues.subscriptions.switchTo(owner, 'pro', 'monthly'),
    act: (process, owner) => process.subscriptions.cancel(owner),
    leaves: { plan: 'ent', changesTo: null, renewsAt: null },
    paid: 1,
  },
}

/** More than any of them makes. */
const most = 16

onEachApp('whichever call to Stripe fails,', (app) => {
  let failing: ReturnType<typeof failingStripe>
  let process: Process
  beforeAll(async () => {
    failing = failingStripe({ secretKey: app().secretKey, port: app().local.port })
    process = app().another({ stripe: { client: failing.client, webhookSecret: app().webhookSecret } })
    await process.start()
  })
  afterAll(() => process.stop())

  describe.each(Object.entries(cases))('%s', (_, { prepare, plan = 'pro', act, leaves, paid }) => {
    test.each<Failure>(['down', 'lost'])('is done once when it is tried again (%s)', async (how) => {
      const { dues, stripe, subscribe, settled } = app()
      let failed = 0
      for (let call = 1; call <= most; call++) {
        const { id } = anOwner()
        const { customer } = await subscribe(id, { plan })
        await prepare?.(app(), id)
        const at = app().now()
        failing.at(call, how)
        const refusal = await act(process, id, at).catch((error: unknown) => error)
        const calls = failing.calls()
        failing.mend()
        if (calls < call) break
        if (refusal instanceof DuesError) {
          failed += 1
          expect(refusal.code).toBe('stripe_unavailable')
          await act(process, id, at)
        }
        await settled()
        // What could not be planned again is planned by a job.
        await expect.poll(() => dues.member(id), { timeout: 10_000, interval: 100 }).toMatchObject(leaves)
        const { data } = await stripe.invoices.list({ customer, status: 'paid' })
        expect(data.filter(({ amount_paid }) => amount_paid > 0)).toHaveLength(paid)
      }
      expect(failed).toBeGreaterThan(0)
    })
  })
})
