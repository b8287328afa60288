import type { Visitor } from '../http/context.ts'
import {
  type ClubInterval,
  intervals,
  type PlanCode,
  per,
  planCodes,
  plans,
  sales,
  selling,
  trialDays,
} from '../plans.ts'
import { formatDay, formatPrice } from '../ui/format.ts'
import { Tick } from '../ui/mark.tsx'
import { Tag } from '../ui/parts.tsx'

export type PricingProps = { interval: ClubInterval; visitor: Visitor | null }

export function Pricing({ interval, visitor }: PricingProps) {
  return (
    <div class="wrap pricing">
      <header class="page-head centred">
        <h1>Plans</h1>
        <p class="lead">Draw for nothing as long as you like. Pay when the sheets have to leave the house.</p>
        <IntervalSwitch interval={interval} />
      </header>
      <div class="plan-grid">
        {planCodes.map((code) => (
          <PlanColumn code={code} interval={interval} visitor={visitor} />
        ))}
      </div>
      <p class="fine">
        Prices in US dollars. Pay by card; cancel on your account page, whenever you like, and keep what you paid for
        until its end. Have a promotion code? There is a place for it at the checkout.
      </p>
      <Comparison />
      <Questions />
    </div>
  )
}

function IntervalSwitch({ interval }: { interval: ClubInterval }) {
  return (
    <nav class="segments" aria-label="Billing interval">
      {intervals.map((one) => (
        <a
          href={one === 'monthly' ? '/pricing' : '/pricing?interval=yearly'}
          aria-current={one === interval ? 'true' : undefined}
        >
          {one === 'monthly' ? 'Monthly' : 'Yearly'}
          {one === 'yearly' && <small>two months free</small>}
        </a>
      ))}
    </nav>
  )
}

function PlanColumn({ code, interval, visitor }: { code: PlanCode } & PricingProps) {
  const plan = plans[code]
  const current = isCurrent({ code, interval, visitor })
  return (
    <section class={`plan ${code}${current ? ' current' : ''}`} aria-labelledby={`plan-${code}`} data-plan={code}>
      <div class="plan-name">
        <h2 id={`plan-${code}`}>{plan.name}</h2>
        {current && <Tag tone="good">Your plan</Tag>}
      </div>
      <p class="for">{plan.description}</p>
      <Price code={code} interval={interval} />
      <Choice code={code} interval={interval} visitor={visitor} />
      <ul class="gives">
        {selling[code].map((line) => (
          <li>
            <Tick />
            {line}
          </li>
        ))}
      </ul>
      {code === 'ent' && (
        <p class="contact">
          Buying for a house of many? Write to <a href={`mailto:${sales}`}>{sales}</a>.
        </p>
      )}
    </section>
  )
}

function Price({ code, interval }: { code: PlanCode; interval: ClubInterval }) {
  if (code === 'free') {
    return (
      <p class="price">
        <strong>$0</strong> <span>for good</span>
      </p>
    )
  }
  const { amount, currency } = plans[code].prices[interval]
  return (
    <p class="price">
      <strong>{formatPrice(amount, currency)}</strong> <span>a {per[interval]}</span>
      {interval === 'yearly' && <small>{formatPrice(Math.round(amount / 12), currency)} a month</small>}
    </p>
  )
}

/** What a visitor can do with a plan: join, buy, switch, or nothing because it is theirs. */
function Choice({ code, interval, visitor }: { code: PlanCode } & PricingProps) {
  const name = plans[code].name
  if (code === 'free') return <FreeChoice visitor={visitor} />
  if (!visitor) {
    return (
      <a class="button" href={`/sign-up?next=${encodeURIComponent(`/checkout?plan=${code}&interval=${interval}`)}`}>
        {trialDays(code) ? `Try ${trialDays(code)} days free` : `Choose ${name}`}
      </a>
    )
  }
  const { member } = visitor
  if (isCurrent({ code, interval, visitor })) {
    return (
      <a class="button quiet" href="/account">
        Manage membership
      </a>
    )
  }
  if (member.changesTo?.plan === code && member.changesTo.interval === interval) {
    return (
      <a class="button quiet" href="/account">
        Yours from {formatDay(member.changesTo.at)} on
      </a>
    )
  }
  if (hasLiveSubscription(visitor)) {
    const sameplan = member.price?.plan === code
    return (
      <a class="button" href={`/switch?plan=${code}&interval=${interval}`}>
        {sameplan ? `Switch to ${interval}` : `Switch to ${name}`}
      </a>
    )
  }
  return (
    <form method="post" action="/billing/checkout">
      <input type="hidden" name="plan" value={code} />
      <input type="hidden" name="interval" value={interval} />
      <button class="button" type="submit">
        {trialDays(code) && member.state === 'none' ? `Try ${trialDays(code)} days free` : `Choose ${name}`}
      </button>
    </form>
  )
}

function FreeChoice({ visitor }: { visitor: Visitor | null }) {
  if (!visitor) {
    return (
      <a class="button quiet" href="/sign-up">
        Join free
      </a>
    )
  }
  if (!hasLiveSubscription(visitor)) {
    return (
      <a class="button quiet" href="/members">
        Open the drawing office
      </a>
    )
  }
  return visitor.member.cancelling() ? (
    <p class="settled">You move to Free when your membership ends.</p>
  ) : (
    <a class="button quiet" href="/account#cancel">
      Move to Free
    </a>
  )
}

/** Live at Stripe, access or not: such a subscription is switched, never bought a second time. */
export function hasLiveSubscription({ member }: Pick<Visitor, 'member'>): boolean {
  return ['incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused'].includes(member.state)
}

function isCurrent({ code, interval, visitor }: { code: PlanCode } & PricingProps): boolean {
  if (!visitor) return false
  if (code === 'free') return visitor.member.plan === 'free' && !hasLiveSubscription(visitor)
  const { price } = visitor.member
  return hasLiveSubscription(visitor) && price?.plan === code && price.interval === interval
}

const table: readonly (readonly [what: string, free: string, pro: string, ent: string])[] = [
  ['Projects', '3', '100', 'No limit'],
  ['Prints on paper', '1 a month', '5 a month', '40 a month'],
  ['Kinds of ground', 'All four', 'All four', 'All four'],
  ['Export to SVG and GeoJSON', 'No', 'Yes', 'Yes'],
  ['The plate room', 'No', 'Yes', 'Yes'],
  ['Single sign-on', 'No', 'No', 'Yes'],
  ['Whole archive in one file', 'No', 'No', 'Yes'],
  ['Answers by mail', 'In a few days', 'Within a day', 'From a named surveyor'],
]

function Comparison() {
  return (
    <section aria-labelledby="compare">
      <h2 id="compare">Side by side</h2>
      <section class="scroll" tabindex={0} aria-labelledby="compare">
        <table class="compare">
          <thead>
            <tr>
              <td />
              {planCodes.map((code) => (
                <th scope="col">{plans[code].name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.map(([what, ...cells]) => (
              <tr>
                <th scope="row">{what}</th>
                {cells.map((cell) => (
                  <td class={cell === 'No' ? 'no' : undefined}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

function Questions() {
  return (
    <section class="questions" aria-labelledby="questions">
      <h2 id="questions">Before you ask</h2>
      <div>
        <details>
          <summary>What happens when I change plans?</summary>
          <p>
            You see what it costs before you agree to it. More begins at once, and time that you have paid for and not
            used is credited. Less begins when the time that you have paid for is over, and until then you can take it
            back.
          </p>
        </details>
        <details>
          <summary>What happens to my projects when I cancel?</summary>
          <p>
            They stay. On Free you can open all of them and begin new ones as long as you have fewer than three;
            exporting comes back with a paid plan.
          </p>
        </details>
        <details>
          <summary>What if my card fails?</summary>
          <p>
            You are told on every page, you keep your plan for seven days, and the payment is tried again. One click
            leads to the page where the card is changed.
          </p>
        </details>
        <details>
          <summary>May I publish what I draw?</summary>
          <p>Yes, in print and on screen, on every plan. The country is invented, and it is yours.</p>
        </details>
      </div>
    </section>
  )
}
