import type { CompletedCheckout } from 'dues'
import type { ClubPlans } from '../plans.ts'
import { formatAmount } from '../ui/format.ts'
import { nameOf } from '../ui/membership-words.ts'
import { Day, Sheet } from '../ui/parts.tsx'

/** After a Checkout: what was bought, as Stripe tells it. */
export function Success({ checkout }: { checkout: CompletedCheckout<ClubPlans> }) {
  const { outcome, plan, interval, amountTotal, currency, trialEndsAt, renewsAt } = checkout
  const name = plan ? nameOf(plan) : 'Your plan'
  if (outcome !== 'complete') {
    return (
      <Result title={outcome === 'processing' ? 'Your payment is on its way' : 'This checkout was not finished'}>
        <p class="lead">
          {outcome === 'processing'
            ? `Some ways of paying take a few days. ${name} opens as soon as the money is there; there is nothing left to do.`
            : 'Nothing was charged. You can begin again from the plans.'}
        </p>
        <p class="actions">
          <a class="button" href={outcome === 'processing' ? '/account' : '/pricing'}>
            {outcome === 'processing' ? 'Go to your account' : 'Back to the plans'}
          </a>
        </p>
      </Result>
    )
  }
  return (
    <div class="wrap welcome">
      <div>
        <h1>Welcome to {name}</h1>
        <p class="lead">
          {trialEndsAt ? (
            <>
              Your trial runs until <Day date={trialEndsAt} />. Nothing was charged today.
            </>
          ) : (
            <>
              {formatAmount(amountTotal, currency)} paid.{' '}
              {renewsAt && (
                <>
                  It renews on <Day date={renewsAt} />.
                </>
              )}
            </>
          )}
        </p>
        <dl class="facts">
          <div>
            <dt>Plan</dt>
            <dd>
              {name}
              {interval && `, ${interval}`}
            </dd>
          </div>
          <div>
            <dt>Paid today</dt>
            <dd>{formatAmount(amountTotal, currency)}</dd>
          </div>
        </dl>
        <p class="actions">
          <a class="button" href="/members">
            Open the drawing office
          </a>
          <a class="button quiet" href="/account">
            See your account
          </a>
        </p>
      </div>
      <Sheet eager src="/sheets/ellerdale.svg" alt="Contour map of Ellerdale, an invented vale" />
    </div>
  )
}

/** Somebody came back from Checkout without paying. */
export function Cancelled() {
  return (
    <Result title="Nothing was charged">
      <p class="lead">
        You left the checkout before paying. Your account is as it was, and the plans are where they were.
      </p>
      <p class="actions">
        <a class="button" href="/pricing">
          Back to the plans
        </a>
        <a class="button quiet" href="/members">
          Open the drawing office
        </a>
      </p>
    </Result>
  )
}

/** Something did not work: what, and what to do now. */
export function Failure({
  title,
  message,
  payUrl,
  back,
}: {
  title: string
  message: string
  payUrl?: string
  back?: { href: string; text: string }
}) {
  const { href, text } = back ?? { href: '/account', text: 'Go to your account' }
  return (
    <Result title={title}>
      <p class="lead">{message}</p>
      <p class="actions">
        {payUrl && (
          <a class="button" href={payUrl}>
            Pay with another card
          </a>
        )}
        <a class={payUrl ? 'button quiet' : 'button'} href={href}>
          {text}
        </a>
      </p>
    </Result>
  )
}

export function NotFound() {
  return (
    <Result title="Off the sheet">
      <p class="lead">There is nothing at this address. Maybe it was moved, or never surveyed.</p>
      <p class="actions">
        <a class="button" href="/">
          Back to the start
        </a>
      </p>
    </Result>
  )
}

function Result({ title, children }: { title: string; children: unknown }) {
  return (
    <div class="wrap narrow form-page result">
      <h1>{title}</h1>
      {children}
    </div>
  )
}
