import type { Owner, PageContext, Pages } from 'dues'
import type { Child } from 'hono/jsx'
import type { ClubDues } from '../billing.ts'
import type { Visitor } from '../http/context.ts'
import type { Frame } from '../http/render.tsx'
import type { ClubPlans } from '../plans.ts'
import type { IsStaff } from '../staff/staff.ts'
import { Cancelled, Failure, Success } from './results.tsx'

/** The pages that Dues shows at /billing, in the club's own frame. */
export function billingPages(frame: Frame, dues: () => ClubDues, isStaff: IsStaff): Pages<ClubPlans> {
  /** Moving time leads to the account from here: the page itself may be told only once. */
  const page = async ({ owner }: PageContext<ClubPlans>, title: string, content: Child) =>
    frame({ title, path: '/billing', back: '/account', visitor: owner && (await visitorOf(owner)) }, content)

  const visitorOf = async (owner: Owner): Promise<Visitor> => {
    const user = { id: owner.id, name: owner.name ?? '', email: owner.email ?? '' }
    return { user, member: await dues().member(owner), staff: isStaff(user) }
  }

  return {
    success: (context) => page(context, 'Welcome', <Success checkout={context.checkout} />),
    cancelled: (context) => page(context, 'Nothing was charged', <Cancelled />),
    error: (context) => {
      const title = failureTitles[context.code] ?? 'That did not work'
      return page(context, title, <Failure title={title} message={context.message} {...payPage(context.details)} />)
    },
  }
}

/** What a refusal is called, by its code. */
export const failureTitles: Readonly<Record<string, string>> = {
  payment_failed: 'The payment did not go through',
  action_required: 'Your bank has to agree',
  already_subscribed: 'You have a membership already',
  already_on_plan: 'You are on this plan already',
  not_subscribed: 'There is no membership yet',
  membership_ending: 'Your membership is set to end',
  membership_paused: 'Your membership is paused',
  not_paused: 'Your membership is not paused',
  nothing_to_undo: 'Nothing is planned',
  no_payment_method: 'There is no card to charge',
  preview_expired: 'Those amounts are out of date',
  nothing_to_cancel: 'There is nothing to cancel',
  nothing_to_resume: 'There is nothing to take back',
  period_over: 'That membership is over',
  not_your_session: 'This checkout is not yours',
  stripe_unavailable: 'Stripe does not answer',
  database_unavailable: 'We cannot look you up just now',
  last_payment_method: 'That is your only card',
  nothing_to_pay: 'Nothing is left to pay',
  invoice_not_open: 'Nobody has to pay that',
  internal: 'Something broke',
}

/** Stripe's page where what is owed can be paid, if a refusal names one. */
export const payPage = ({ payUrl }: Readonly<Record<string, unknown>>): { payUrl?: string } =>
  typeof payUrl === 'string' ? { payUrl } : {}
