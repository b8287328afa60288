import type Stripe from 'stripe'
import type { AtStripe } from './program.ts'
import type { World } from './world.ts'

/** What an owner has at Stripe now. */
type Possessions = { customer: Stripe.Customer; live: Stripe.Subscription[] }

type Change = (stripe: Stripe, possessions: Possessions, world: World) => Promise<unknown>

const overStatuses = new Set(['canceled', 'incomplete_expired'])
export const isLiveAtStripe = ({ status }: Stripe.Subscription): boolean => !overStatuses.has(status)

/** Changes that Dues learns of by events alone. */
const changes: { [What in AtStripe]: Change } = {
  /** In the customer portal: another card, and what is open is paid with it. */
  async mend(stripe, { customer, live }) {
    const card = await useCard(stripe, customer, live, 'pm_card_visa')
    const { data } = await stripe.invoices.list({ customer: customer.id, status: 'open' })
    for (const { id } of data) await stripe.invoices.pay(id, { payment_method: card })
  },
  breakCard: (stripe, { customer, live }) => useCard(stripe, customer, live, 'pm_card_chargeCustomerFail'),
  cancelAt: (stripe, { live }, world) =>
    onEach(live, ({ id }) => stripe.subscriptions.update(id, { cancel_at: world.now() + 10 * 86_400 })),
  cancelAtPeriodEnd: (stripe, { live }) =>
    onEach(live, ({ id }) => stripe.subscriptions.update(id, { cancel_at_period_end: true })),
  noEnd: (stripe, { live }) => onEach(live, ({ id }) => stripe.subscriptions.update(id, { cancel_at: '' })),
  cancelNow: (stripe, { live }) => onEach(live, ({ id }) => stripe.subscriptions.cancel(id)),
  async price(stripe, { live }) {
    const { data } = await stripe.prices.list({ lookup_keys: ['dues_pro_monthly', 'dues_ent_monthly'] })
    await onEach(live, ({ id, items }) => {
      const item = items.data[0]
      const other = data.find((price) => price.id !== item?.price.id)
      if (item === undefined || other === undefined) return Promise.resolve()
      return stripe.subscriptions.update(id, { items: [{ id: item.id, price: other.id }], proration_behavior: 'none' })
    })
  },
  pauseCollection: (stripe, { live }) =>
    onEach(live, ({ id }) => stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } })),
  resumeCollection: (stripe, { live }) =>
    onEach(live, ({ id }) => stripe.subscriptions.update(id, { pause_collection: '' })),
  rename: (stripe, { customer }, { random }) =>
    stripe.customers.update(customer.id, { name: `Ada ${random.below(1_000)}` }),
  tag: (stripe, { live }, { random }) =>
    onEach(live, ({ id }) => stripe.subscriptions.update(id, { metadata: { tag: String(random.below(1_000)) } })),
  async refund(stripe, { customer }) {
    const { data } = await stripe.charges.list({ customer: customer.id, limit: 100 })
    const charge = data.find(({ paid, refunded }) => paid && !refunded)
    if (charge !== undefined)
      await stripe.refunds.create({ charge: charge.id, amount: Math.min(500, charge.amount - charge.amount_refunded) })
  },
  /** Changes within a moment, each told of while the next is made: fetches overtake each other. */
  async flicker(stripe, { live }, { network }) {
    const told: Promise<void>[] = []
    for (const tag of ['one', 'two', 'three', 'four']) {
      await onEach(live, ({ id }) => stripe.subscriptions.update(id, { metadata: { tag } }))
      told.push(network.deliver(1))
    }
    await Promise.all(told)
  },
  /** One process hears of a change and looks, and its answer comes after that of the other, which has heard of the next change. */
  async overtake(stripe, { live }, { network, overtaking, local, secretKey }) {
    const tell = async (id: string, tag: string, to: number) => {
      await stripe.subscriptions.update(id, { metadata: { tag } })
      await local.settled(secretKey)
      return { told: network.deliver(1, to) }
    }
    for (const { id } of live) {
      await (await tell(id, 'first', 0)).told
      const held = overtaking.demand(`/v1/subscriptions/${id}`)
      const { told } = await tell(id, 'then', 0)
      await held
      await Promise.all([told, (await tell(id, 'at last', 1)).told])
    }
  },
  /** Two changes some seconds apart, whose events may come in either order. */
  async changeMind(stripe, { live }, world) {
    await onEach(live, ({ id }) => stripe.subscriptions.update(id, { cancel_at_period_end: true }))
    await world.advance(3)
    await onEach(live, ({ id }) => stripe.subscriptions.update(id, { cancel_at_period_end: false }))
  },
  /** In the dashboard: somebody gives a member a second membership, and Dues has to end the first. */
  async subscribeAgain(stripe, { customer, live }, { subscribedAtStripe }) {
    const { data } = await stripe.prices.list({ lookup_keys: ['dues_pro_monthly'] })
    const [first] = live
    if (first === undefined) return
    const card = first.default_payment_method
    const made = await stripe.subscriptions.create({
      customer: customer.id,
      items: data.map(({ id }) => ({ price: id })),
      metadata: { dues_owner: customer.metadata.dues_owner ?? '' },
      payment_behavior: 'error_if_incomplete',
      ...(typeof card === 'string' && { default_payment_method: card }),
    })
    subscribedAtStripe.add(made.id)
  },
  deleteCustomer: (stripe, { customer }) => stripe.customers.del(customer.id),
}

async function useCard(
  stripe: Stripe,
  customer: Stripe.Customer,
  live: Stripe.Subscription[],
  card: string,
): Promise<string> {
  const { id } = await stripe.paymentMethods.attach(card, { customer: customer.id })
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: id } })
  await onEach(live, (one) => stripe.subscriptions.update(one.id, { default_payment_method: id }))
  return id
}

async function onEach(
  live: Stripe.Subscription[],
  change: (one: Stripe.Subscription) => Promise<unknown>,
): Promise<void> {
  for (const one of live) await change(one)
}

/** Makes a change at Stripe to whatever an owner has there. What Stripe refuses did not happen. */
export async function changeAtStripe(world: World, owner: number, what: AtStripe): Promise<void> {
  const { stripe, tally, log } = world
  const { data } = await stripe.customers.list({ email: `${world.ownerId(owner)}@example.com` })
  for (const customer of data) {
    const { data: all } = await stripe.subscriptions.list({ customer: customer.id, status: 'all' })
    try {
      await changes[what](stripe, { customer, live: all.filter(isLiveAtStripe) }, world)
      tally.count(`at Stripe: ${what}`)
    } catch (error) {
      // A card that fails, or a subscription that another step has just ended.
      if (!(error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500)) throw error
      log.push(`  Stripe refused: ${error.message}`)
      tally.count('at Stripe: refused')
    }
  }
}
