import type { Plans } from '../catalogue/plans.ts'
import { DuesError } from '../errors.ts'
import { type Fields, readFields } from './body.ts'
import { json, seeOther } from './replies.ts'
import type { MemberCall, MemberRoute } from './types.ts'

/** What the account page is told in `?notice=` about cards and invoices. */
export type PayingNotice = 'cardAdded' | 'cardNotAdded' | 'cardDeclined' | 'cardDefault' | 'cardRemoved' | 'paid'

/** The routes of cards and invoices. A program gets JSON, a form a 303. */
export function payingRoutes<P extends Plans>(): Readonly<Record<string, MemberRoute<P>>> {
  return {
    '/payment-methods': { method: 'GET', run: list },
    '/add-card': { method: 'POST', run: addCard },
    '/card-added': { method: 'GET', run: cardAdded },
    '/default-card': { method: 'POST', run: makeDefault },
    '/remove-card': { method: 'POST', run: removeCard },
    '/pay': { method: 'POST', run: pay },
    '/confirm': { method: 'GET', run: confirm },
    '/invoice': { method: 'GET', run: invoice },
  }
}

async function list<P extends Plans>({ owner, options }: MemberCall<P>): Promise<Response> {
  return json({ data: await options.paymentMethods.list(owner.id) })
}

async function addCard<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  await readFields(call.request)
  const { owner, origin, options } = call
  const started = await options.paymentMethods.add(owner, { origin })
  return call.wantsJson ? json(started) : seeOther(started.url)
}

/** Where Stripe's page sends people back to. A renewal that the bank wants confirmed goes straight on to that page. */
async function cardAdded<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const { request, owner, options } = call
  const session = new URL(request.url).searchParams.get('session_id') ?? ''
  const completed = await options.paymentMethods.complete(owner.id, session)
  if (call.wantsJson) return json(completed)
  const { payment, payUrl, paymentMethod } = completed
  if (payment === 'action_required' && payUrl) return seeOther(payUrl)
  const saved = payment === 'failed' ? 'cardDeclined' : payment === 'paid' ? 'paid' : 'cardAdded'
  return toAccount(call, paymentMethod ? saved : 'cardNotAdded')
}

async function makeDefault<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const methods = await call.options.paymentMethods.setDefault(call.owner.id, methodOf(await readFields(call.request)))
  return call.wantsJson ? json({ data: methods }) : toAccount(call, 'cardDefault')
}

async function removeCard<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const fields = await readFields(call.request)
  const confirm = fields.confirm === 'yes'
  const methods = await call.options.paymentMethods.remove(call.owner.id, methodOf(fields), { confirm })
  return call.wantsJson ? json({ data: methods }) : toAccount(call, 'cardRemoved')
}

function methodOf({ paymentMethod }: Fields): string {
  if (paymentMethod) return paymentMethod
  throw new DuesError('bad_request', 'paymentMethod is missing: send its id, such as paymentMethod=pm_….')
}

/** Tries the card again. What the bank wants to be asked about is asked at once, on Stripe's page. */
async function pay<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const { invoice: id } = await readFields(call.request)
  try {
    const paid = await call.options.invoices.pay(call.owner.id, id || undefined)
    return call.wantsJson ? json(paid) : toAccount(call, 'paid')
  } catch (error) {
    const url = error instanceof DuesError && error.code === 'action_required' ? error.details.payUrl : null
    if (call.wantsJson || typeof url !== 'string') throw error
    return seeOther(url)
  }
}

/** For a mail: leads to Stripe's page where the open invoice is confirmed or paid, with the link that is good today. */
async function confirm<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const { owner, options } = call
  const open = await options.invoices.open(owner.id)
  const url = open?.url ?? null
  if (call.wantsJson) return json({ payUrl: url })
  return url ? seeOther(url) : toAccount(call, 'paid')
}

/** An invoice's page, its PDF or its receipt at Stripe, with the link that is good today. */
async function invoice<P extends Plans>(call: MemberCall<P>): Promise<Response> {
  const { searchParams } = new URL(call.request.url)
  const found = await call.options.invoices.get(call.owner.id, searchParams.get('id') ?? '')
  if (call.wantsJson) return json(found)
  const as = searchParams.get('as') ?? 'page'
  const urls: Readonly<Record<string, string | null>> = {
    page: found.url,
    pdf: found.pdfUrl,
    receipt: found.receiptUrl,
  }
  const url = Object.hasOwn(urls, as) ? urls[as] : null
  if (!url)
    throw new DuesError(
      'not_found',
      as === 'receipt' ? 'There is no receipt yet: it is not paid.' : 'This invoice has no such page.',
    )
  return seeOther(url)
}

function toAccount<P extends Plans>({ options, origin }: MemberCall<P>, notice: PayingNotice): Response {
  const account = new URL(options.context.paths.account, origin)
  account.searchParams.set('notice', notice)
  return seeOther(account.pathname + account.search)
}
