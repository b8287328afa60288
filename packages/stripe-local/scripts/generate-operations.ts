/**
 * Writes `src/generated/`: which operations Stripe's API has and which parameters each of them takes, read out of the SDK's own
 * type declarations, so that Stripe Local's idea of a request is the SDK's.
 *
 *     node packages/stripe-local/scripts/generate-operations.ts
 *
 * `generated.test.ts` fails when the SDK has moved on and this has not been run.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { answerSchemas } from './answers.ts'
import { schemaTable } from './schemas.ts'
import { readSdk } from './sdk.ts'

/** v2 operations whose parameters are known; every other one is only known to exist. */
const supportedV2 = /^\S+ \/v2\/(core\/event|billing\/meter_event)/

/** The generated files: name → text. Deterministic, so that a test can compare them with what is checked in. */
export function generate(): Record<string, string> {
  const sdk = readSdk()
  const schemas = schemaTable(sdk.checker)
  const operations: Record<string, string> = {}
  for (const { operation, parameters } of sdk.operations) {
    const known = parameters && (!operation.includes(' /v2/') || supportedV2.test(operation))
    operations[operation] = known ? schemas.of(parameters) : ''
  }
  const types = sdk.operations.map(
    ({ operation, parameters, typeName }) =>
      `  '${operation}': ${typeName ?? (parameters ? 'UnnamedParameters' : 'NoParameters')}`,
  )
  return {
    'operations.generated.ts': [
      header,
      "import type Stripe from 'stripe'",
      '',
      '/** An operation that the SDK calls without parameters. */',
      'export type NoParameters = Record<string, never>',
      '',
      '/** Parameters whose type the SDK does not export. */',
      'export type UnnamedParameters = Record<string, unknown>',
      '',
      '/** Every operation of the API and the parameters that the SDK sends it. Only types, so that nothing is loaded. */',
      'export interface Operations {',
      ...types,
      '}',
      '',
    ].join('\n'),
    'version.generated.ts': [
      header,
      '',
      '/** The version of the SDK that these were made from. */',
      `export const sdkVersion = '${sdk.version}'`,
      '',
      '/** The API version which that SDK speaks. */',
      `export const apiVersion = '${sdk.apiVersion}'`,
      '',
    ].join('\n'),
    'parameters.generated.json': json({ nodes: schemas.nodes(), operations }),
    // What answers look like is checked in tests alone, so it is no part of the package.
    '../../testing/answers.generated.json': json(answerSchemas(sdk)),
  }
}

const header = "// Written by scripts/generate-operations.ts out of the SDK's type declarations. Do not edit."

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(generate())) {
    const path = fileURLToPath(new URL(`../src/generated/${name}`, import.meta.url))
    writeFileSync(path, text)
    console.log(`${path} (${Math.round(text.length / 1024)} kB)`)
  }
}
