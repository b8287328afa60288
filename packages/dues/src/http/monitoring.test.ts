import { describe, expect, test } from 'vitest'
import { get, openHandler, throwing } from '../../testing/handler.ts'
import { DuesError } from '../errors.ts'
import { healthOf } from '../health.ts'

const health = healthOf({
  inbox: {
    waiting: 1,
    dead: 1,
    oldestWaitingSeconds: 3,
    oldestWaiting: { id: 'evt_secret', type: 'invoice.paid', receivedAt: '2026-01-01T00:00:00Z' },
  },
  deadJobs: 0,
  lastReconcile: { compared: 10, drifted: 0, unowned: 0, unknown: 0, at: null },
  stripe: 'up',
})
const token = 'a token of some length'
const sources = { health: async () => health, metrics: async () => 'dues_database_up 1\n' }

describe('the pages for machines that watch', () => {
  test.each(['/health', '/metrics'])('%s is not there unless asked for', async (path) => {
    expect((await openHandler().handle(get(path))).status).toBe(404)
  })

  test('health in the open shows numbers, and no ids', async () => {
    const { handle } = openHandler({ monitoring: { health: 'public' }, sources })
    const response = await handle(get('/health'))
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ status: 'degraded', inbox: { waiting: 1, dead: 1 }, deadJobs: 0 })
    expect(text).not.toContain('evt_')
  })

  test('health is 503 when the database is away, and says nothing of where it is', async () => {
    const away = throwing(new DuesError('database_unavailable', 'at 10.0.0.1'))
    const { handle } = openHandler({ monitoring: { health: 'public' }, sources: { ...sources, health: away } })
    const response = await handle(get('/health'))
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ status: 'down', problems: ['The database cannot be reached'] })
  })

  test('metrics are what Prometheus expects', async () => {
    const { handle } = openHandler({ monitoring: { metrics: 'public' }, sources })
    const response = await handle(get('/metrics'))
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await response.text()).toBe('dues_database_up 1\n')
  })

  test.each([
    ['none', {}, 401],
    ['another', { authorization: 'Bearer a token of some other' }, 401],
    ['it without its scheme', { authorization: token }, 401],
    ['it', { authorization: `Bearer ${token}` }, 200],
  ])('with a token, who sends %s', async (_, headers, status) => {
    const { handle } = openHandler({ monitoring: { metrics: { token } }, sources })
    const response = await handle(get('/metrics', headers as Record<string, string>))
    expect(response.status).toBe(status)
    expect(await response.text()).not.toContain(token)
  })

  test('a function of the app may decide', async () => {
    const health = (request: Request) => request.headers.get('x-from') === 'inside'
    const { handle } = openHandler({ monitoring: { health }, sources })
    expect((await handle(get('/health'))).status).toBe(401)
    expect((await handle(get('/health', { 'x-from': 'inside' }))).status).toBe(200)
  })

  test('many who ask at once ask the database once', async () => {
    let asked = 0
    const counted = async () => {
      asked += 1
      return health
    }
    const { handle } = openHandler({ monitoring: { health: 'public' }, sources: { ...sources, health: counted } })
    await Promise.all(Array.from({ length: 20 }, () => handle(get('/health'))))
    expect(asked).toBe(1)
  })
})
