import { expect, test } from 'vitest'
import { anOwner, onEachApp } from '../../testing/app.ts'

onEachApp('a Checkout that Stripe has made', (app) => {
  test('and the database could not write down is the one that the next click is given', async () => {
    const { dues, stripe, query, customersOf } = app()
    const owner = anOwner()
    await query(`create function dues.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'The server is going down.' using errcode = '57P01'; end $$`)
    await query('create trigger refuse before update on dues.checkout for each row execute function dues.refuse()')
    const wish = { owner, plan: 'pro', interval: 'monthly' } as const
    await expect(dues.checkout.start(wish)).rejects.toMatchObject({ code: 'database_unavailable' })
    await query('drop function dues.refuse() cascade')

    const { sessionId } = await dues.checkout.start(wish)
    const [customer] = await customersOf(owner.id)
    const { data } = await stripe.checkout.sessions.list({ customer: customer?.id ?? '', status: 'open' })
    expect(data.map(({ id }) => id)).toEqual([sessionId])
  })
})
