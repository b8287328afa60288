import { connect } from 'node:net'
import Stripe from 'stripe'
import { expect, onTestFinished, test } from 'vitest'
import { type StripeLocal, startStripeLocal } from './index.ts'

async function start(): Promise<StripeLocal> {
  const local = await startStripeLocal()
  onTestFinished(() => local.stop())
  return local
}

const clientOf = ({ port }: StripeLocal): Stripe =>
  new Stripe('sk_test_a', { host: 'localhost', port, protocol: 'http', maxNetworkRetries: 0 })

const answersAt = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    onTestFinished(() => void socket.destroy())
  })

test('many run at a time in one process and see nothing of each other, under one key', async () => {
  const many = await Promise.all(Array.from({ length: 20 }, start))
  await Promise.all(many.map((local, i) => clientOf(local).customers.create({ name: `${i}` })))
  const names = await Promise.all(
    many.map(async (local) => (await clientOf(local).customers.list()).data.map(({ name }) => name)),
  )
  expect(names).toEqual(many.map((_, i) => [`${i}`]))
})

test('nobody but this machine is listened to, unless told otherwise', async () => {
  const { port } = await start()
  expect(await answersAt('127.0.0.1', port)).toBe(true)
  // Another address of this machine stands for those that other machines can reach: only a server of all addresses answers there.
  expect(await answersAt('127.0.0.2', port)).toBe(false)
})
