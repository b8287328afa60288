import type { SwitchPreview } from 'dues'
import { type ClubInterval, type ClubPlans, type PaidPlan, per, plans } from '../plans.ts'
import { formatAmount, formatDay } from '../ui/format.ts'
import { bundles, nameOf, priceOf, priceOfBundles } from '../ui/membership-words.ts'
import { Day } from '../ui/parts.tsx'
import { CostToday } from './cost-today.tsx'

/** What a switch costs, to the cent, before anybody agrees to it. */
export function Switch({
  preview,
  trialEndsAt,
  endsAt,
}: {
  preview: SwitchPreview<ClubPlans>
  trialEndsAt: Date | null
  /** When a cancelled membership ends: a switch does not take that back. */
  endsAt: Date | null
}) {
  const { from, to, when, at, currency, dueToday, prorationDate } = preview
  const waits = when === 'periodEnd'
  return (
    <div class="wrap narrow form-page">
      <h1>
        Switch to {nameOf(to.plan)}, {to.interval}
      </h1>
      <p class="lead">
        {from.plan && from.interval ? `From ${nameOf(from.plan)}, ${from.interval}. ` : ''}
        {endsAt ? (
          <>
            Your membership is cancelled and still ends on <Day date={endsAt} />. To go on after that, keep it on your
            account page first.
          </>
        ) : trialEndsAt ? (
          <>
            Your trial goes on until <Day date={trialEndsAt} />; then it is {priceOf(to.plan, to.interval)}.
          </>
        ) : waits ? (
          <>
            You keep what you have paid for until <Day date={at} />; from then on it is {priceOf(to.plan, to.interval)}.
          </>
        ) : (
          `${capital(priceOf(to.plan, to.interval))} from now on.`
        )}
        {to.addOns.bundle > 0 &&
          ` Your ${bundles(to.addOns.bundle)} come${to.addOns.bundle === 1 ? 's' : ''} along, for ${priceOfBundles(to.addOns.bundle, to.interval)}.`}
      </p>
      <CostToday preview={preview} ends={endsAt !== null} />
      <form method="post" action="/billing/switch" class="actions">
        <input type="hidden" name="plan" value={to.plan} />
        <input type="hidden" name="interval" value={to.interval} />
        <input type="hidden" name="when" value={when} />
        <input type="hidden" name="prorationDate" value={prorationDate} />
        <button class="button" type="submit">
          {waits
            ? `Switch on ${formatDay(at)}`
            : dueToday > 0
              ? `Pay ${formatAmount(dueToday, currency)} and switch`
              : 'Switch now'}
        </button>
        <a class="button quiet" href="/pricing">
          Stay as you are
        </a>
      </form>
      {waits && (
        <p class="fine">
          You can take it back on your account page until then. Or{' '}
          <a href={`/switch?plan=${to.plan}&interval=${to.interval}&when=now`}>switch today</a>, and have what you have
          not used as credit.
        </p>
      )}
      {dueToday > 0 && (
        <p class="fine">Charged to the card on your membership. If it does not go through, your plan stays as it is.</p>
      )}
    </div>
  )
}

/** The last page of the club before Stripe's: what is going to be bought. */
export function Order({
  plan,
  interval,
  trialDays,
}: {
  plan: PaidPlan
  interval: ClubInterval
  trialDays: number | null
}) {
  const { amount, currency } = plans[plan].prices[interval]
  return (
    <div class="wrap narrow form-page">
      <h1>
        {nameOf(plan)}, {interval}
      </h1>
      <p class="lead">
        {trialDays
          ? `Try it for ${trialDays} days. Cancel before they are over and nothing is charged.`
          : 'It begins today and goes on until you cancel, whenever you like.'}
      </p>
      <section class="receipt" aria-label="What it costs">
        <table>
          <tbody>
            {trialDays && (
              <tr>
                <th scope="row">After {trialDays} days</th>
                <td>{priceOf(plan, interval)}</td>
              </tr>
            )}
            {!trialDays && (
              <tr>
                <th scope="row">Each {per[interval]}</th>
                <td>{formatAmount(amount, currency)}</td>
              </tr>
            )}
          </tbody>
          <tfoot>
            <tr class="total">
              <th scope="row">Due today</th>
              <td>{formatAmount(trialDays ? 0 : amount, currency)}</td>
            </tr>
          </tfoot>
        </table>
      </section>
      <form method="post" action="/billing/checkout" class="actions">
        <input type="hidden" name="plan" value={plan} />
        <input type="hidden" name="interval" value={interval} />
        <button class="button" type="submit">
          Continue to payment
        </button>
        <a class="button quiet" href={interval === 'yearly' ? '/pricing?interval=yearly' : '/pricing'}>
          Back to the plans
        </a>
      </form>
      <p class="fine">You pay on Stripe’s page, where a promotion code can be entered, too. We never see your card.</p>
    </div>
  )
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
