import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { generate } from '../../scripts/generate-operations.ts'
import { readSdk } from '../../scripts/sdk.ts'
import { apiVersion, sdkVersion } from './version.generated.ts'

const howToMend = 'The SDK has moved on: run `node packages/stripe-local/scripts/generate-operations.ts`'

describe('the generated operations', () => {
  it('are made from the installed SDK', () => {
    const sdk = readSdk()
    expect({ sdkVersion, apiVersion }, howToMend).toEqual({ sdkVersion: sdk.version, apiVersion: sdk.apiVersion })
  })

  it('come out the same when they are generated again', () => {
    for (const [name, text] of Object.entries(generate())) {
      const path = fileURLToPath(new URL(name, import.meta.url))
      expect(readFileSync(path, 'utf8') === text, `${name}: ${howToMend}`).toBe(true)
    }
  })
})
