import type { Account } from '../../account.ts'
import { trialEndOf } from '../../checkout/rules.ts'
import type { Session } from '../../checkout/session.ts'
import { couponOf, sessionTotals } from '../../checkout/totals.ts'
import { formatRhythm } from '../../engine/calendar.ts'
import type { CheckoutItem, CheckoutLine, Kinds } from '../../kinds.ts'
import { count, money } from '../web/format.ts'

/** How a page speaks of what is bought. */
export type Words = {
  /** `Subscribe to Professional`. */
  title: string
  /** `$19.00`, `14 days free`. */
  price: string
  /** `per month`; empty when it is paid once. */
  per: string
  /** `Then $19.00 per month`, when later payments differ from today's. */
  later: string
  /** What the button says. */
  button: string
}

export function wordsOf(account: Account, session: Session): Words {
  if (session.mode === 'setup') {
    const title = 'Save a way to pay'
    return { title, price: '', per: '', later: 'Nothing is charged today.', button: 'Save' }
  }
  const { items, params } = account.get('local.checkout', session.id)
  const name = nameOf(account, items)
  const today = money(session.amount_total, session.currency)
  if (session.mode === 'payment') {
    return { title: name, price: today, per: '', later: '', button: payButton(session, today) }
  }
  const steady = steadyPrice(account, session)
  const trialEnd = trialEndOf(params.subscription_data, account.timeOf(session.customer))
  if (trialEnd !== null) {
    const days = count(Math.round((trialEnd - account.timeOf(session.customer)) / 86_400), 'day')
    const free = session.amount_total === 0
    return {
      title: `Try ${name}`,
      price: free ? `${days} free` : today,
      per: free ? '' : 'due today',
      later: `Then ${steady.first}${steady.ending && `, and ${steady.ending}`}`,
      button: 'Start trial',
    }
  }
  const same = `${today} ${steady.per}` === steady.first
  return {
    title: `Subscribe to ${name}`,
    price: today,
    per: same ? steady.per : 'due today',
    later: same ? capitalized(steady.ending) : `Then ${steady.after}`,
    button: 'Subscribe',
  }
}

/** What is paid when it recurs: `first` with the discount that there is now, `after` when that has ended, and `ending` says when that will be. */
function steadyPrice(
  account: Account,
  session: Session,
): { per: string; first: string; after: string; ending: string } {
  const { items, params } = account.get('local.checkout', session.id)
  const recurring = items.filter((item) => account.get('price', item.price).recurring)
  const rhythm = rhythmOf(account, items)
  const per = rhythm.startsWith('every') ? rhythm : `per ${rhythm}`
  const totalWith = (discounts: Session['discounts']): string => {
    const basket = {
      items: recurring,
      currency: session.currency ?? 'usd',
      discounts,
      customer: session.customer,
      trial: false,
    }
    const totals = sessionTotals(account, {
      ...basket,
      defaultTaxRates: params.subscription_data?.default_tax_rates ?? [],
    })
    const used = recurring.some((item) => item.quantity === null) ? ', and what is used' : ''
    return `${money(totals.amount_total, session.currency)} ${per}${used}`
  }
  const [discount] = session.discounts ?? []
  const coupon = discount && couponOf(account, discount)
  const first = totalWith(session.discounts)
  if (!coupon || coupon.duration === 'forever') return { per, first, after: first, ending: '' }
  const after = totalWith([])
  if (coupon.duration === 'once') return { per, first: after, after, ending: '' }
  return { per, first, after, ending: `after ${count(coupon.duration_in_months ?? 1, 'month')} ${after}` }
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

function payButton(session: Session, amount: string): string {
  if (session.amount_total === 0) return 'Complete order'
  if (session.submit_type === 'book') return `Book for ${amount}`
  if (session.submit_type === 'donate') return `Donate ${amount}`
  return `Pay ${amount}`
}

const productOf = (account: Account, item: CheckoutItem): Kinds['product'] =>
  account.get('product', account.get('price', item.price).product)

function nameOf(account: Account, items: readonly CheckoutItem[]): string {
  const [first] = items
  if (!first) return 'nothing'
  const { name } = productOf(account, first)
  return items.length === 1 ? name : `${name} and ${items.length - 1} more`
}

/** `month`, `every 3 months`: all recurring items of a Checkout have the same. */
function rhythmOf(account: Account, items: readonly CheckoutItem[]): string {
  const recurring = items.map((item) => account.get('price', item.price).recurring).find((each) => each !== null)
  return recurring ? formatRhythm(recurring) : ''
}

/** `$19.00`, `Free for now` in a trial. */
export function amountText(account: Account, session: Session, line: CheckoutLine): string {
  const isFreeNow =
    session.mode === 'subscription' &&
    line.amount_subtotal === 0 &&
    line.quantity !== null &&
    account.get('price', line.price).unit_amount !== 0
  return isFreeNow ? 'Free for now' : money(line.amount_subtotal, line.currency)
}

/** `Billed monthly`, `$9.50 each, billed monthly`; empty for something that is bought once, singly. */
export function detailOf(account: Account, item: CheckoutItem, currency: string): string {
  const price = account.get('price', item.price)
  const parts: string[] = []
  if (item.quantity !== null && item.quantity > 1 && price.unit_amount_decimal !== null && !price.transform_quantity) {
    const unit =
      price.currency === currency ? price.unit_amount_decimal : price.currency_options?.[currency]?.unit_amount_decimal
    if (unit) parts.push(`${money(unit, currency)} each`)
  }
  if (price.recurring) {
    const { interval, interval_count, usage_type } = price.recurring
    const billed =
      interval_count === 1 ? `billed ${adverbs[interval] ?? interval}` : `billed every ${interval_count} ${interval}s`
    parts.push(usage_type === 'metered' ? `${billed}, by what is used` : billed)
  }
  return capitalized(parts.join(', '))
}

const adverbs: Record<string, string> = { day: 'daily', week: 'weekly', month: 'monthly', year: 'yearly' }
