import type { Account } from '../../account.ts'
import { trialEndOf } from '../../checkout/rules.ts'
import type { Session } from '../../checkout/session.ts'
import { recurringAmount } from '../../checkout/totals.ts'
import { formatRhythm } from '../../engine/calendar.ts'
import type { CheckoutItem, Kinds } from '../../kinds.ts'
import { money } from '../web/format.ts'

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
  const rhythm = rhythmOf(account, items)
  const per = rhythm.startsWith('every') ? rhythm : `per ${rhythm}`
  const regular = money(recurringTotal(account, items, session.currency ?? 'usd'), session.currency)
  const metered = items.some((item) => item.quantity === null)
  const later = `Then ${regular} ${per}${metered ? ', and what is used' : ''}`
  const trialEnd = trialEndOf(params.subscription_data, account.timeOf(session.customer))
  if (trialEnd !== null) {
    const days = Math.round((trialEnd - account.timeOf(session.customer)) / 86_400)
    const price = session.amount_total === 0 ? `${days} ${days === 1 ? 'day' : 'days'} free` : today
    return {
      title: `Try ${name}`,
      price,
      per: session.amount_total === 0 ? '' : 'due today',
      later,
      button: 'Start trial',
    }
  }
  const same = today === regular && !metered
  return {
    title: `Subscribe to ${name}`,
    price: today,
    per: same ? per : 'due today',
    later: same ? '' : later,
    button: 'Subscribe',
  }
}

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

/** What recurs, before discounts and taxes: those may end before the next payment. */
const recurringTotal = (account: Account, items: readonly CheckoutItem[], currency: string): number =>
  items.reduce((sum, item) => sum + (recurringAmount(account, item, currency) ?? 0), 0)

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
  const text = parts.join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const adverbs: Record<string, string> = { day: 'daily', week: 'weekly', month: 'monthly', year: 'yearly' }
