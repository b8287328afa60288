import type { Has } from '../catalogue/catalogue.ts'
import type { FeatureName, PlanName, Plans } from '../catalogue/plans.ts'
import type { Member } from '../entitlements/types.ts'
import { DuesError } from '../errors.ts'
import { list, notIncluded } from '../usage/refuse.ts'
import { jsonReply } from './failures.ts'
import { ownOrigin } from './origin.ts'
import { seeOther } from './replies.ts'
import { toSignIn } from './sign-in.ts'
import type { HttpOptions } from './types.ts'

/** Lets a member in, or is the answer to who may not come in. */
export type Guard<P extends Plans = Plans> = (request: Request) => Promise<Member<P> | Response>

export interface Guards<P extends Plans = Plans> {
  /**
   * A guard for the app's own routes: members of this plan come in, and of every plan that comes after it in the configuration.
   *
   * Others get an answer: a browser that wants a page is sent to sign in, to the pricing page (with `?plan=`), or to the account page
   * where a renewal is to be paid; a program gets `{error: {code, message, details}}` with `not_signed_in` (401), `plan_required` (403), or
   * `payment_failed` and `action_required` (402) where the plan is there and only has to be paid. It never throws.
   *
   * @example
   * const membersOnly = dues.requirePlan('pro')
   * app.get('/plates', async (c) => {
   *   const member = await membersOnly(c.req.raw)
   *   if (member instanceof Response) return member
   *   return c.html(platesPage(member))
   * })
   */
  requirePlan(plan: PlanName<P>): Guard<P>
  /** A guard as `requirePlan`, for a feature: a switch that is on, or a limit above 0. The code is `feature_required` (403). */
  requireFeature(feature: FeatureName<P>): Guard<P>
}

export function createGuards<P extends Plans>(options: HttpOptions<P>): Guards<P> {
  const { context } = options
  const { catalogue, paths } = context
  const guard =
    (opens: (has: Has) => boolean, refusal: (member: Member<P>) => DuesError): Guard<P> =>
    async (request) => {
      try {
        const owner = await options.identify(request)
        if (!owner) throw new DuesError('not_signed_in', 'Sign in first, then try again.')
        const member = await options.member(owner)
        if (opens(member)) return member
        throw (member.price && opens(member.price) && unpaid(member, paths.account)) || refusal(member)
      } catch (error) {
        return wantsPage(request) ? toPage(options, request, error) : jsonReply(options, request, error)
      }
    }

  return {
    requirePlan: (plan) =>
      guard(
        (has) => catalogue.rank(has.plan) >= catalogue.rank(plan),
        (member) => {
          const enough = Object.entries(catalogue.plans)
            .filter(([code]) => catalogue.rank(code) >= catalogue.rank(plan))
            .map(([, { name }]) => name)
          return new DuesError('plan_required', `This is for ${list(enough)}: see ${paths.pricing}.`, {
            details: { plan: member.plan, required: plan, pricing: paths.pricing },
          })
        },
      ),
    requireFeature: (feature) =>
      guard(
        (has) => Number(catalogue.feature(has, feature)) > 0,
        (member) => notIncluded(context, member.plan, feature),
      ),
  }
}

/** Who has the plan and owes for it is told to pay, and not to buy it. Null for whom it is not a matter of paying. */
function unpaid({ state }: Pick<Member, 'state'>, account: string): DuesError | null {
  const details = { status: state, account }
  if (state === 'past_due' || state === 'unpaid')
    return new DuesError(
      'payment_failed',
      `Your last renewal is not paid. Pay it at ${account}, then this is open again.`,
      {
        details,
      },
    )
  if (state === 'incomplete' || state === 'paused')
    return new DuesError('action_required', `Your payment is not finished. Finish it at ${account}, then this opens.`, {
      details,
    })
  return null
}

/** A browser that goes to a page says so; whatever fetches data does not. */
const wantsPage = ({ headers }: Request): boolean => (headers.get('accept') ?? '').includes('text/html')

/** Where somebody finds what is missing. What is the app's own trouble has no such place. */
async function toPage<P extends Plans>(options: HttpOptions<P>, request: Request, error: unknown): Promise<Response> {
  const { paths, baseUrl } = options.context
  const origin = ownOrigin(request, baseUrl)
  const code = error instanceof DuesError ? error.code : 'internal'
  if (code === 'not_signed_in') return toSignIn(request, origin, paths)
  if (code === 'payment_failed' || code === 'action_required') return seeOther(paths.account)
  if (!(error instanceof DuesError) || (code !== 'plan_required' && code !== 'feature_required'))
    return jsonReply(options, request, error)
  const pricing = new URL(paths.pricing, origin)
  const [name, value] = code === 'plan_required' ? ['plan', error.details.required] : ['feature', error.details.feature]
  pricing.searchParams.set(name, String(value))
  return seeOther(pricing.pathname + pricing.search)
}
