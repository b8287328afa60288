import { rmSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { consumerFolder, installPacked } from '../../testing/packed.ts'
import type { Contestant, startContestant } from './contestant.ts'
import { load, type Request, send } from './load.ts'

export type Headers = { authorization: string; 'content-type': string }
export type Program = Parameters<typeof startContestant>[0]

export const headers: Headers = {
  authorization: 'Bearer sk_test_bench',
  'content-type': 'application/x-www-form-urlencoded',
}
/** A key for each measure: emulate answers no more than 5,000 requests of one. */
export const keyed = (name: string): Headers => ({ ...headers, authorization: `Bearer sk_test_bench_${name}` })

export const post = (path: string, body: string, as = headers): Request => ({ method: 'POST', path, headers: as, body })
export const get = (path: string, as = headers): Request => ({ method: 'GET', path, headers: as })

/** Creates one object; answers its id. */
export async function create(port: number, path: string, body: string, as = headers): Promise<string> {
  return (JSON.parse(await send(http.globalAgent, port, post(path, body, as))) as { id: string }).id
}

/** The address that any contestant answers once it is ready. */
export const probe = { path: '/v1/customers?limit=1', headers }

let installed: string | undefined
/** Packed the first time that it is asked for. */
function cli(): string {
  if (installed) return installed
  const consumer = consumerFolder()
  process.once('exit', () => rmSync(consumer, { recursive: true }))
  installed = join(installPacked('stripe-local', consumer).folder, 'bin/stripe-local.js')
  return installed
}

/** Stripe Local as npm installs it and its command line starts it, as its peers are; with flags of its own and of Node. */
export function local(extra: string[] = [], node: string[] = []): Program {
  const program = cli()
  return { command: (port) => [...node, program, '--port', `${port}`, ...extra], probe }
}

/**
 * What every contestant does before anything of it is measured: the same creates and reads, in accounts that no measure uses, until V8 has
 * compiled what they run through. A cold server is measured by how soon it is ready, and by nothing else.
 */
export async function warmUp({ port }: Contestant, count: number): Promise<void> {
  await load(port, 16, count, (i) => post('/v1/customers', `email=w${i}@example.com`, keyed('warm')))
  const id = await create(port, '/v1/customers', 'email=w@example.com', keyed('warm_reads'))
  await load(port, 16, count, () => get(`/v1/customers/${id}`, keyed('warm_reads')))
}
