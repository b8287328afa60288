import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { anEngine, until } from '../testing/engine.ts'
import { aCustomer, aSubscription } from '../testing/objects.ts'
import { onOneDatabase } from '../testing/on-one-database.ts'
import type { Diagnostics } from './diagnostics.ts'
import { DuesError } from './errors.ts'
import { healthOf } from './health.ts'
import { createMetrics } from './metrics/metrics.ts'

const page = readFileSync(new URL('../../../docs/observability.md', import.meta.url), 'utf8')

/** One message of each channel, as its type has it: a channel or a field that is added does not compile until it is here. */
const samples: { [Name in keyof Diagnostics]: Required<Diagnostics[Name]> } = {
  'dues:event': { id: 'evt_1', type: 'invoice.paid', outcome: 'applied', milliseconds: 1 },
  'dues:refused': { code: 'signature_invalid' },
  'dues:fetch': { kind: 'invoice', object: 'in_1', ok: true, milliseconds: 1 },
  'dues:hook': { transition: 't', type: 'started', error: null, milliseconds: 1 },
  'dues:reconcile': { run: 1, compared: 1, drifted: 0 },
  'dues:breaker': { state: 'open' },
  'dues:cache': { outcome: 'hit' },
  'dues:listen': { listening: true },
}
const names = Object.keys(samples) as (keyof Diagnostics)[]

/** The cells of the page's rows that begin with a name of this form, without their back ticks. */
const rows = (pattern: RegExp) =>
  page
    .split('\n')
    .filter((line) => pattern.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )

describe('docs/observability.md', () => {
  test('has every channel with every field of its message', () => {
    const documented = rows(/^\| `dues:/).map(([name, fields]) => [name, fields?.split(', ')])
    expect(documented).toEqual(names.map((name) => [name, Object.keys(samples[name])]))
  })

  test('has every metric with its type and labels', async () => {
    const metrics = createMetrics()
    for (const name of names) metrics.observe(name, samples[name] as never)
    const inbox = { waiting: 0, dead: 0, oldestWaitingSeconds: 0, oldestWaiting: null }
    const lastReconcile = { compared: 1, drifted: 0, unowned: 0, unknown: 0, at: null }
    const text = await metrics.text(async () => healthOf({ inbox, deadJobs: 0, lastReconcile, stripe: 'up' }))
    const shown = [...text.matchAll(/# TYPE (\S+) (\S+)\n\S+?(?:\{([^}]*)\})? /g)].map(
      ([, name, type, labels = '']) => [
        name,
        type,
        type === 'histogram' ? '' : [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).join(', '),
      ],
    )
    expect(rows(/^\| `dues_/).map((cells) => cells.slice(0, 3))).toEqual(shown)
  })
})

/** Everything that is told on a channel during a test. */
function heard<Name extends keyof Diagnostics>(name: Name): Diagnostics[Name][] {
  const messages: Diagnostics[Name][] = []
  const hear = (message: unknown) => void messages.push(message as Diagnostics[Name])
  subscribe(name, hear)
  onTestFinished(() => void unsubscribe(name, hear))
  return messages
}

onOneDatabase('what happens is told', (open) => {
  test('of a delivery, of what it made run, of one that is refused, and of a reconcile', async () => {
    const { engine, stripe, deliver, close } = await anEngine(open, { hooks: { started: () => undefined } })
    const [events, refused, hooks, reconciles] = [
      heard('dues:event'),
      heard('dues:refused'),
      heard('dues:hook'),
      heard('dues:reconcile'),
    ]
    await deliver(stripe.emit('customer.created', aCustomer({ metadata: { dues_owner: 'ada' } })))
    stripe.clock += 2
    await deliver(stripe.emit('customer.subscription.created', aSubscription({ start_date: stripe.clock })))
    await expect(engine.receive('{}', 't=1,v1=00')).rejects.toMatchObject({ code: 'signature_invalid' })
    await until(() => hooks.length > 0, 'the hook')
    await engine.reconcile()
    expect(events.map(({ type, outcome }) => [type, outcome])).toEqual([
      ['customer.created', 'applied'],
      ['customer.subscription.created', 'applied'],
    ])
    expect(refused).toEqual([{ code: 'signature_invalid' }])
    expect(hooks).toMatchObject([{ type: 'started', error: null }])
    expect(reconciles).toMatchObject([{ compared: 2, drifted: 0 }])
    await close()
  })

  test('of Stripe, that is taken to be down and comes back', async () => {
    const { engine, stripe, close } = await anEngine(open, { breaker: { failures: 2, restMs: 1 } })
    const [states, fetches] = [heard('dues:breaker'), heard('dues:fetch')]
    stripe.failure = new DuesError('stripe_unavailable', 'down')
    for (let n = 0; n < 2; n++) await engine.mirror.sync('customer', 'cus_1').catch(() => undefined)
    expect(await engine.health()).toMatchObject({
      status: 'degraded',
      stripe: 'down',
      problems: ['Stripe does not answer'],
    })
    stripe.failure = null
    stripe.put(aCustomer())
    await until(
      () =>
        engine.mirror.sync('customer', 'cus_1').then(
          () => true,
          () => false,
        ),
      'Stripe to be asked again',
    )
    expect(states.map(({ state }) => state)).toEqual(['open', 'probing', 'closed'])
    expect(await engine.health()).toMatchObject({ status: 'ok', stripe: 'up' })
    expect(fetches).toEqual([])
    await close()
  })

  test('of health, with the event that has waited longest', async () => {
    const { engine, stripe, deliver, query, close } = await anEngine(open)
    stripe.failure = new DuesError('stripe_unavailable', 'down')
    await deliver({
      ...stripe.emit('customer.updated', aCustomer()),
      object: 'v2.core.event',
      type: 'v1.customer.updated',
      created: '2027-01-15T08:00:00Z',
      related_object: { id: 'cus_1', type: 'customer' },
    })
    await query("update dues.inbox set received_at = now() - interval '15 minutes'")
    const health = await engine.health()
    expect(health).toMatchObject({
      status: 'degraded',
      inbox: { waiting: 1, oldestWaiting: { type: 'v1.customer.updated' } },
    })
    expect(health.inbox.oldestWaitingSeconds).toBeGreaterThan(800)
    stripe.failure = null
    await close()
  })
})
