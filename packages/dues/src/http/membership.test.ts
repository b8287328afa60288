import { expect, test } from 'vitest'
import { get, member, openHandler } from '../../testing/handler.ts'

const used = { used: 3, limit: Infinity, remaining: Infinity, resetsAt: new Date('2026-12-01') }
const asking = (changes: object = {}) =>
  openHandler({
    member: async () => ({ ...member, usage: async () => ({ prints: { ...used, ...changes } }) }) as never,
  })

test('a membership is told with what is used, for the browser of one member alone', async () => {
  const response = await asking().handle(get('/membership'))
  expect(await response.json()).toEqual({
    plan: 'pro',
    usage: { prints: { used: 3, limit: null, remaining: null, resetsAt: '2026-12-01T00:00:00.000Z' } },
  })
  expect(response.headers.get('cache-control')).toBe('private, no-cache')
  expect(response.headers.get('vary')).toContain('cookie')
})

test('a membership that is as it was is not told again', async () => {
  const etag = (await asking().handle(get('/membership'))).headers.get('etag') ?? ''
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await asking().handle(get('/membership', { 'if-none-match': known }))
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
  }
  const changed = await asking({ used: 4 }).handle(get('/membership', { 'if-none-match': etag }))
  expect(changed.status).toBe(200)
})
