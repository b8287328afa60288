import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { consumerFolder, installPacked } from '../testing/packed.ts'
import { read } from './sources.ts'

const consumer = consumerFolder()
afterAll(() => rmSync(consumer, { recursive: true }))

const sources = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': JSON.stringify({
    compilerOptions: { module: 'nodenext', target: 'es2022', strict: true, skipLibCheck: true, types: ['node'] },
    files: ['app.ts'],
  }),
  'app.ts': `
    import { createDues, type Dues, DuesError, usd } from 'dues'
    import { startStripeLocal } from 'stripe-local'

    const local = await startStripeLocal()
    const plans = { pro: { name: 'Professional', prices: { monthly: usd(19) }, features: { export: true } } } as const
    try {
      createDues({ stripe: { secretKey: 'nonsense', webhookSecret: undefined }, database: undefined, plans, identify: () => null })
    } catch (error) {
      console.log(error instanceof DuesError && error.code)
    }
    // The types came along: a plan that is not sold does not compile.
    export const subscribe = (dues: Dues<typeof plans>) => [
      dues.subscriptions.switchTo('u1', 'pro', 'monthly'),
      // @ts-expect-error
      dues.subscriptions.switchTo('u1', 'enterprise', 'monthly'),
    ]
    const answer = await fetch(local.url + '/v1/customers', { headers: { authorization: 'Bearer sk_test_mine' } })
    console.log(answer.status)
    await local.stop()
  `,
}

test.each(['dues', 'stripe-local'])(
  '%s holds what its package.json promises, and no sources',
  (name) => {
    const { files } = installPacked(name, consumer)
    const { exports, bin } = JSON.parse(read(`packages/${name}/package.json`)) as {
      exports: { '.': Record<string, string> }
      bin: Record<string, string>
    }
    const { 'dues-source': ours, ...theirs } = exports['.']
    const promised = [...Object.values(theirs), ...Object.values(bin)].map((path) => path.replace('./', ''))
    expect(promised.filter((path) => !files.includes(path))).toEqual([])
    expect(files.filter((path) => path.startsWith('src/') || path.includes('.test.'))).toEqual([])
    expect(ours).toBe('./src/index.ts')
    // Each file that Node has to find and link takes a third of a millisecond of those in which a Stripe Local is to be ready.
    if (name === 'stripe-local') expect(files.filter((path) => path.endsWith('.js')).length).toBeLessThan(10)
  },
  120_000,
)

test('a stranger compiles and runs an app with the packed packages', () => {
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(consumer, name), text)
  const types = spawnSync('tsc', ['-p', consumer], { cwd: consumer, encoding: 'utf8' })
  expect(types.stdout).toBe('')
  const run = spawnSync(process.execPath, ['app.js'], { cwd: consumer, encoding: 'utf8', env: plainEnvironment() })
  expect({ printed: run.stdout, problems: run.stderr }).toEqual({ printed: 'settings_invalid\n200\n', problems: '' })
}, 240_000)

test('the command of the packed Stripe Local runs', () => {
  const command = join(consumer, 'node_modules/stripe-local/bin/stripe-local.js')
  expect(existsSync(command)).toBe(true)
  const run = spawnSync(process.execPath, [command, '--help'], { encoding: 'utf8', env: plainEnvironment() })
  expect(run.stdout).toContain('stripe-local [--port 12111]')
})

/** A stranger's environment: without our own condition, which would look for sources. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: undefined }
}
