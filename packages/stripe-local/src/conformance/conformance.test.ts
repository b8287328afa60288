import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { recordedFolder, replayFolder } from './suite.ts'

const hasRecordings = existsSync(recordedFolder)
if (!hasRecordings) console.log(`No recordings of Stripe at ${recordedFolder}: conformance was not tested.`)

const reports = hasRecordings ? await replayFolder(recordedFolder) : []

describe('what the real Stripe was heard to say', () => {
  it('is there, or nothing is compared', () => {
    expect(reports.length > 0).toBe(hasRecordings)
  })

  it('is compared but for what refers to something that was never recorded', () => {
    const skipped = reports.flatMap(({ steps }) =>
      steps.flatMap(({ skipped }) => (skipped === undefined ? [] : [skipped])),
    )
    expect(skipped.filter((reason) => !reason.endsWith('what made it was not recorded'))).toEqual([])
  })

  it('has a counterpart in every field but those of ways to pay that are not offered, and of Stripe.js inside', () => {
    const absent = reports.flatMap(({ steps }) => steps.flatMap(({ seen }) => seen.absent))
    expect([...new Set(absent)].sort()).toEqual(
      hasRecordings
        ? [
            'next_action.use_stripe_sdk.directory_server_encryption',
            'payment_method_options.us_bank_account',
            'payment_method_options.wechat_pay',
          ]
        : [],
    )
  })

  for (const { name, unexplained } of reports) {
    it(`is what Stripe Local says: ${name}`, () => {
      const told = unexplained.map(({ step, difference: { path, recorded, local } }) => ({
        request: step.request,
        path,
        recorded,
        local,
      }))
      expect(told).toEqual([])
    })
  }
})
