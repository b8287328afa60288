import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'

onEachApp('a subscription that is ended at Stripe at any moment of a change', (app) => {
  const changes = {
    switched: (dues: Dues, owner: string) => dues.subscriptions.switchTo(owner, 'ent', 'monthly'),
    cancelled: (dues: Dues, owner: string) => dues.subscriptions.cancel(owner, { when: 'periodEnd' }),
    paused: (dues: Dues, owner: string) => dues.subscriptions.pause(owner),
  }
  type Dues = ReturnType<typeof app>['dues']

  test.each(Object.entries(changes))('is not %s, and whoever asked is told that it is over', async (_name, change) => {
    const { another, stripe, local, secretKey, webhookSecret, subscribe } = app()
    let meanwhile: (() => Promise<unknown>) | null = null
    let left = 0
    const client = new Stripe(secretKey, {
      host: 'localhost',
      port: local.port,
      protocol: 'http',
      httpClient: Stripe.createFetchHttpClient(async (input: string | URL | Request, init?: RequestInit) => {
        left -= 1
        if (left === 0) await meanwhile?.()
        return fetch(input, init)
      }),
    })
    const dues = another({ stripe: { client, webhookSecret } })
    await dues.start({ work: false })
    const said: string[] = []
    for (let call = 1; left <= 0; call++) {
      const { id } = anOwner()
      const { subscription } = await subscribe(id)
      meanwhile = () => stripe.subscriptions.cancel(subscription)
      left = call
      said.push(
        await change(dues, id).then(
          () => 'done',
          ({ code }) => code,
        ),
      )
    }
    await dues.stop()
    expect(said.length).toBeGreaterThan(2)
    expect(said.at(-1)).toBe('done')
    for (const one of said) expect(['done', 'not_subscribed', 'nothing_to_cancel']).toContain(one)
  })
})
