import { expect, test } from 'vitest'
import { anEngine } from '../../testing/engine.ts'
import { aCustomer, aSubscription } from '../../testing/objects.ts'
import { onOneDatabase } from '../../testing/on-one-database.ts'

const owned = (owner: string) => ({ metadata: { dues_owner: owner } })

onOneDatabase('a live subscription', (open) => {
  test('of our plans that names nobody is reported, in health too, and what is not ours is not', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    await query("insert into dues.price (offer, id, product) values ('o', 'price_pro_monthly', 'prod_pro')")
    stripe.put(aCustomer())
    stripe.put(aSubscription())
    stripe.put(aSubscription({ id: 'sub_over', status: 'canceled' }))
    const paper = aSubscription({ id: 'sub_paper', price: 'price_paper' })
    for (const item of paper.items.data) item.price.product = 'prod_paper'
    stripe.put(paper)
    const { unowned } = await engine.reconcile()
    expect(unowned).toEqual([
      { subscription: 'sub_1', customer: 'cus_1', status: 'active', owner: null, why: 'unnamed' },
    ])
    expect(await engine.health()).toMatchObject({
      status: 'degraded',
      problems: ['1 live subscription belongs to nobody: see `dues reconcile`'],
      lastReconcile: { unowned: 1, unknown: 0 },
    })
    await close()
  })

  test('that names its owner is given to them, though the link was lost and nothing else differs', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    stripe.put(aCustomer(owned('user_1')))
    stripe.put(aSubscription(owned('user_1')))
    await engine.reconcile()
    await query('delete from dues.owner_customer')
    expect(await engine.reconcile({ mend: false })).toMatchObject({ drifted: 0, unowned: [] })
    expect(await engine.mirror.subscriptionsOf('user_1')).toEqual([])
    expect(await engine.reconcile()).toMatchObject({ drifted: 0, unowned: [] })
    expect(await engine.mirror.subscriptionsOf('user_1')).toMatchObject([{ id: 'sub_1', owner: 'user_1' }])
    await close()
  })

  test('that names somebody else than its customer does is nobody’s to take', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    stripe.put(aCustomer(owned('user_1')))
    stripe.put(aSubscription(owned('user_2')))
    await engine.reconcile()
    await query('delete from dues.owner_customer')
    expect((await engine.reconcile()).unowned).toMatchObject([{ subscription: 'sub_1', why: 'contradicted' }])
    expect(await query('select owner from dues.owner_customer')).toEqual([])
    await close()
  })

  test('that is older than the database and names somebody who has never been here is reported', async () => {
    const { engine, stripe, query, close } = await anEngine(open)
    stripe.put(aCustomer(owned('user_1')))
    stripe.put(aSubscription({ ...owned('user_1'), start_date: stripe.clock - 1000 }))
    stripe.put(aSubscription({ ...owned('user_1'), id: 'sub_new', start_date: stripe.clock + 1 }))
    expect((await engine.reconcile()).unowned).toMatchObject([
      { subscription: 'sub_1', owner: 'user_1', why: 'unknown' },
    ])
    expect(await engine.health()).toMatchObject({ status: 'ok', lastReconcile: { unowned: 0, unknown: 1 } })
    await query("insert into dues.owner (id) values ('user_1')")
    expect((await engine.reconcile()).unowned).toEqual([])
    await close()
  })
})
