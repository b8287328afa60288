import type { Account } from '../account.ts'
import type { AnyObject, Kind } from '../kinds.ts'
import { ApiError } from './errors.ts'
import { includes, render } from './render.ts'

const deepest = 4

type Json = Record<string, unknown>
/** How an object is shown to who asks. */
type Shape = <T>(object: T) => T
type As = { account: Account; shape: Shape }
const asItIs: Shape = (object) => object

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Replaces ids by the objects behind them, along paths such as `latest_invoice.payments.data.payment`, to four levels, and
 * adds fields that Stripe shows only when asked (`invoice.payments`). Copies what it changes.
 *
 * @param shape how objects are shown to the version of the API that asks
 *
 * https://docs.stripe.com/expand
 */
export function expand<T>(account: Account, answer: T, paths: readonly string[], shape: Shape = asItIs): T {
  let expanded: unknown = answer
  for (const path of paths) {
    const keys = path.split('.')
    // `data` of a list is a level as well: `data.items.data.price.product` is one too deep.
    if (keys.length > deepest) {
      throw new ApiError(400, `You cannot expand more than ${deepest} levels of a property. Property: ${path}`, {
        code: 'property_expansion_max_depth',
      })
    }
    expanded = follow({ account, shape }, expanded, keys)
  }
  return expanded as T
}

function follow(as: As, value: unknown, keys: string[]): unknown {
  const [key, ...rest] = keys
  if (key === undefined || value === null) return value
  if (Array.isArray(value)) return value.map((item) => follow(as, item, keys))
  if (!isObject(value)) throw notExpandable(key, { [key]: value })

  const [inner] = rest
  const added = includes.get(String(value.object))
  const within = inner === undefined ? undefined : added?.get(`${key}.${inner}`)
  const outer = value[key]
  if (within && inner !== undefined && isObject(outer) && !(inner in outer)) {
    const whole = { ...outer, [inner]: within(value as never, as.account) }
    return { ...value, [key]: follow(as, whole, rest) }
  }
  const include = added?.get(key)
  if (include && !isObject(value[key])) {
    const included = include(value as never, as.account)
    return { ...value, [key]: follow(as, shown(as, included), rest) }
  }
  if (!(key in value)) throw notExpandable(key, value)
  const field = value[key]
  if (field === null || field === undefined) return value
  const behind = Array.isArray(field) ? field.map((item) => resolve(as, item)) : resolve(as, field)
  if (rest.length === 0 && behind === field && !isObject(field) && !Array.isArray(field))
    throw notExpandable(key, value)
  return { ...value, [key]: follow(as, behind, rest) }
}

/** Stripe tells a field that is no object from one that is not there; of a list, it says where to look. */
const notExpandable = (key: string, value: Json) =>
  new ApiError(
    400,
    value.object === 'list' || value.object === 'search_result'
      ? `This property cannot be expanded (${key}). You may want to try expanding 'data.${key}' instead.`
      : key in value
        ? `This property cannot be expanded (${key}).`
        : `This property cannot be expanded because it doesn't exist: ${key}.`,
  )

const shown = ({ account, shape }: As, value: unknown): unknown =>
  shape(
    isObject(value) && typeof value.object === 'string' && typeof value.id === 'string'
      ? render(account, value as unknown as AnyObject)
      : value,
  )

function resolve({ account, shape }: As, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const object = account.lookUp(value)
  return object ? shape(render(account, object)) : value
}

/** Which kind an id belongs to, by what stands before its underscores. */
export const kindOfPrefix: Record<string, Kind> = {
  cus: 'customer',
  prod: 'product',
  price: 'price',
  promo: 'promotion_code',
  di: 'discount',
  txr: 'tax_rate',
  txi: 'tax_id',
  cbtxn: 'customer_balance_transaction',
  pm: 'payment_method',
  card: 'payment_method',
  pi: 'payment_intent',
  seti: 'setup_intent',
  setatt: 'setup_attempt',
  ch: 'charge',
  py: 'charge',
  re: 'refund',
  pyr: 'refund',
  du: 'dispute',
  dp: 'dispute',
  txn: 'balance_transaction',
  sub: 'subscription',
  sub_sched: 'subscription_schedule',
  in: 'invoice',
  ii: 'invoiceitem',
  inpay: 'invoice_payment',
  cn: 'credit_note',
  cs: 'checkout.session',
  bps: 'billing_portal.session',
  bpc: 'billing_portal.configuration',
  mtr: 'billing.meter',
  feat: 'entitlements.feature',
  evt: 'event',
  we: 'webhook_endpoint',
  clock: 'test_helpers.test_clock',
  shr: 'shipping_rate',
  mandate: 'mandate',
}
