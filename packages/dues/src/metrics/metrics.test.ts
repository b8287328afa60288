import { describe, expect, test } from 'vitest'
import { createTell } from '../diagnostics.ts'
import { DuesError } from '../errors.ts'
import { healthOf } from '../health.ts'
import { createMetrics } from './metrics.ts'
import { createCounter, createHistogram, render } from './registry.ts'

const inbox = { waiting: 2, dead: 1, oldestWaitingSeconds: 12.5, oldestWaiting: null }
const lastReconcile = { compared: 400, drifted: 3, unowned: 0, unknown: 0, at: null }
const health = healthOf({ inbox, deadJobs: 4, lastReconcile, stripe: 'up' })

describe('metrics as text', () => {
  test('escape what would break a line', () => {
    const counter = createCounter('odd_total', 'A \\ and\na new line.')
    counter.add({ type: 'a "quote", a \\ and\na new line' })
    expect(render([counter])).toBe(
      '# HELP odd_total A \\\\ and\\na new line.\n# TYPE odd_total counter\n' +
        'odd_total{type="a \\"quote\\", a \\\\ and\\na new line"} 1\n',
    )
  })

  test('have a histogram whose buckets hold all that is below them', () => {
    const seconds = createHistogram('x_seconds', 'X.')
    for (const one of [0.004, 0.05, 20]) seconds.observe(one)
    const text = render([seconds])
    expect(text).toContain('# TYPE x_seconds histogram\nx_seconds_bucket{le="0.005"} 1\n')
    expect(text).toContain('x_seconds_bucket{le="0.05"} 2\n')
    expect(text).toContain('x_seconds_bucket{le="10"} 2\nx_seconds_bucket{le="+Inf"} 3\nx_seconds_sum 20.054\n')
  })
})

describe('the metrics of one Dues', () => {
  test('count what is told, and no other Dues of the process', async () => {
    const [mine, other] = [createMetrics(), createMetrics()]
    const [tell, tellOther] = [createTell(mine.observe), createTell(other.observe)]
    tell('dues:event', () => ({ id: 'evt_1', type: 'invoice.paid', outcome: 'applied', milliseconds: 3 }))
    tell('dues:event', () => ({ id: 'evt_2', type: 'invoice.paid', outcome: 'applied', milliseconds: 3 }))
    tell('dues:refused', () => ({ code: 'signature_invalid' }))
    tell('dues:hook', () => ({ transition: 't', type: 'started', error: 'down', milliseconds: 1 }))
    tell('dues:breaker', () => ({ state: 'open' }))
    tellOther('dues:refused', () => ({ code: 'payload_invalid' }))
    const text = await mine.text(async () => health)
    expect(text).toContain('dues_deliveries_total{type="invoice.paid",outcome="applied"} 2\n')
    expect(text).toContain('dues_deliveries_refused_total{code="signature_invalid"} 1\n')
    expect(text).toContain('dues_hooks_total{type="started",outcome="failed"} 1\n')
    expect(text).toContain('dues_stripe_breaker_state 2\n')
    expect(text).toContain('dues_stripe_breaker_opened_total 1\n')
    expect(text).not.toContain('payload_invalid')
  })

  test('say how the inbox, the jobs and the mirror are', async () => {
    const text = await createMetrics().text(async () => health)
    expect(text).toContain('# TYPE dues_inbox_lag_seconds gauge\ndues_inbox_lag_seconds 12.5\n')
    expect(text).toMatch(/dues_inbox_waiting 2\n[\s\S]*dues_inbox_dead 1\n[\s\S]*dues_jobs_dead 4\n/)
    expect(text).toMatch(/dues_reconcile_compared 400\n[\s\S]*dues_reconcile_drifted 3\n/)
  })

  test('are there without a database, which is said to be away', async () => {
    const metrics = createMetrics()
    await metrics.text(async () => health)
    const text = await metrics.text(() => Promise.reject(new DuesError('database_unavailable', 'away')))
    expect(text).toContain('dues_database_up 0\n')
    expect(text).not.toContain('dues_inbox_waiting')
  })

  test('are lines that Prometheus reads', async () => {
    const metrics = createMetrics()
    metrics.observe('dues:fetch', { kind: 'subscription', object: 'sub_1', ok: false, milliseconds: 80 })
    const lines = (await metrics.text(async () => health)).split('\n')
    expect(lines.pop()).toBe('')
    for (const line of lines)
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [\d.e+-]+)$/)
  })
})

describe('health', () => {
  const fine = { ...health.inbox, waiting: 0, dead: 0, oldestWaitingSeconds: 0 }

  test('is ok while nothing waits long and nothing is dead', () => {
    expect(healthOf({ inbox: fine, deadJobs: 0, lastReconcile, stripe: 'up' })).toMatchObject({
      status: 'ok',
      problems: [],
    })
  })

  test.each([
    ['an event that has waited long', { inbox: { ...fine, waiting: 3, oldestWaitingSeconds: 900 } }, /3 events wait/],
    ['a dead event', { inbox: { ...fine, dead: 1 } }, /1 event could not/],
    ['a dead job', { deadJobs: 2 }, /2 hooks or fetches/],
    ['a Stripe that is away', { stripe: 'down' as const }, /Stripe does not answer/],
  ])('%s is named', (_, changed, problem) => {
    const { status, problems } = healthOf({ inbox: fine, deadJobs: 0, lastReconcile, stripe: 'up', ...changed })
    expect(status).toBe('degraded')
    expect(problems).toEqual([expect.stringMatching(problem)])
  })
})
