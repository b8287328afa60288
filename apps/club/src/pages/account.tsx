import { type CancelFeedback, cancelFeedback, type InvoicePage, type Usage } from 'dues'
import type { Happening } from '../accounts/history.ts'
import type { ClubMember } from '../billing.ts'
import type { Visitor } from '../http/context.ts'
import { type ClubInterval, isInterval, isPaidPlan, type PaidPlan } from '../plans.ts'
import { Allowance } from '../ui/allowance.tsx'
import { formatAmount } from '../ui/format.ts'
import { bundles, nameOf, priceOf, priceOfBundles, stateLabel, stateSentence } from '../ui/membership-words.ts'
import { Day, Notice, Tag } from '../ui/parts.tsx'
import { Bundles } from './bundles.tsx'
import { hasLiveSubscription } from './pricing.tsx'

export type AccountProps = {
  visitor: Visitor
  projects: { count: number; limit: number }
  prints: Usage
  invoices: InvoicePage
  history: Happening[]
  notice: string | null
}

export function Account({ visitor, projects, prints, invoices, history, notice }: AccountProps) {
  const { user, member } = visitor
  const live = hasLiveSubscription(visitor)
  return (
    <div class="wrap account">
      <header class="page-head">
        <h1>Account</h1>
        <p class="lead">
          {user.name}, {user.email}
        </p>
      </header>
      {notice && <Notice tone="good">{notice}</Notice>}
      <div class="account-grid">
        <div>
          <Membership member={member} live={live} />
          {member.active() && !member.cancelling() && <Pause member={member} />}
          {live && !member.cancelling() && <Cancel member={member} />}
          {live && member.cancelling() && <EndNow member={member} />}
        </div>
        <div>
          <Projects {...projects} />
          <Prints usage={prints} />
          <Bundles member={member} />
          <Invoices invoices={invoices} live={live} />
          <History history={history} />
        </div>
      </div>
    </div>
  )
}

function Membership({ member, live }: { member: ClubMember; live: boolean }) {
  const label = stateLabel(member)
  const plan = live && member.price?.plan ? member.price.plan : member.plan
  const back = formerPlan(member)
  // What this member most likely came for: one button stands out, never two.
  const first =
    member.pastDue() || member.state === 'unpaid'
      ? 'card'
      : member.canResume()
        ? 'resume'
        : member.changesTo
          ? 'undo'
          : member.paused()
            ? 'unpause'
            : back
              ? 'back'
              : 'change'
  return (
    <section class="panel membership" aria-labelledby="membership" data-state={member.state}>
      <div class="panel-head">
        <h2 id="membership">{nameOf(plan)}</h2>
        {label && <Tag tone={label.tone}>{label.text}</Tag>}
      </div>
      <p class="state">{stateSentence(member)}</p>
      <Dates member={member} />
      <div class="actions">
        {member.canResume() && (
          <form method="post" action="/billing/resume">
            <button class={first === 'resume' ? 'button' : 'button quiet'} type="submit">
              Keep {nameOf(plan)}
            </button>
          </form>
        )}
        {member.changesTo && (
          <form method="post" action="/billing/undo-switch">
            <button class={first === 'undo' ? 'button' : 'button quiet'} type="submit">
              Keep {nameOf(plan)}
            </button>
          </form>
        )}
        {member.paused() && (
          <form method="post" action="/billing/unpause">
            <button class={first === 'unpause' ? 'button' : 'button quiet'} type="submit">
              Go on with {nameOf(plan)}
            </button>
          </form>
        )}
        {back && (
          <form method="post" action="/billing/come-back">
            <input type="hidden" name="plan" value={back.plan} />
            <input type="hidden" name="interval" value={back.interval} />
            <button class="button" type="submit">
              Come back for {priceOf(back.plan, back.interval)}
            </button>
          </form>
        )}
        {!member.paused() && (
          <a class={first === 'change' ? 'button' : 'button quiet'} href={switchPath(member, live)}>
            {live ? 'Change plan' : 'See the paid plans'}
          </a>
        )}
        {(live || member.ended()) && (
          <form method="post" action="/billing/portal">
            <button class={first === 'card' ? 'button' : 'button quiet'} type="submit">
              Card and billing details
            </button>
          </form>
        )}
      </div>
    </section>
  )
}

/** What somebody may come back to with one click: what was had before, for the card that is known. */
function formerPlan(member: ClubMember): { plan: PaidPlan; interval: ClubInterval } | null {
  const { plan, interval } = member.price ?? {}
  return member.ended() && isPaidPlan(plan) && isInterval(interval) ? { plan, interval } : null
}

const switchPath = (member: ClubMember, live: boolean) =>
  live && member.interval === 'yearly' ? '/pricing?interval=yearly' : '/pricing'

function Dates({ member }: { member: ClubMember }) {
  const { price, renewsAt, endsAt, changesTo } = member
  const rows = [
    price?.amount != null && price.currency && member.subscribed()
      ? (['Price', `${formatAmount(price.amount, price.currency)} ${price.interval ?? ''}`] as const)
      : null,
    price?.interval && price.addOns.bundle > 0 && member.subscribed()
      ? ([bundles(price.addOns.bundle), priceOfBundles(price.addOns.bundle, price.interval)] as const)
      : null,
    renewsAt ? ([member.trialing() ? 'First charge' : 'Renews', <Day date={renewsAt} />] as const) : null,
    changesTo
      ? ([
          'Changes to',
          <>
            {nameOf(changesTo.plan)}, {changesTo.interval}
            {changesTo.addOns.bundle > 0 && `, ${bundles(changesTo.addOns.bundle)}`}, on <Day date={changesTo.at} />
          </>,
        ] as const)
      : null,
    endsAt
      ? ([member.ended() ? 'Ended' : member.pastDue() ? 'Open until' : 'Ends', <Day date={endsAt} />] as const)
      : null,
  ].filter((row) => row !== null)
  if (rows.length === 0) return null
  return (
    <dl class="facts">
      {rows.map(([term, value]) => (
        <div>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const reasons: Record<CancelFeedback, string> = {
  too_expensive: 'It costs too much',
  unused: 'I do not use it enough',
  missing_features: 'Something is missing',
  switched_service: 'I use something else now',
  too_complex: 'It is too complicated',
  low_quality: 'The sheets are not good enough',
  customer_service: 'I was not helped well',
  other: 'Another reason',
}

/** Between keeping and leaving. What is left of the paid time waits with the member. */
function Pause({ member }: { member: ClubMember }) {
  const plan = nameOf(member.price?.plan ?? member.plan)
  return (
    <section class="panel quiet" id="pause" aria-labelledby="pause-head">
      <h2 id="pause-head">Pause</h2>
      <p>Away from the drawing board for a while? A pause costs nothing, for as long as you like.</p>
      <details>
        <summary>Pause my membership</summary>
        <form method="post" action="/billing/pause" class="stack">
          <p>
            {plan} stops today, and exporting with it. What you have paid for and not used pays for the time after the
            pause. Your projects stay.
            {member.changesTo && ' The change of plan that you have planned is dropped.'}
          </p>
          <div class="actions">
            <button class="button quiet" type="submit">
              Pause {plan} today
            </button>
          </div>
        </form>
      </details>
    </section>
  )
}

function Cancel({ member }: { member: ClubMember }) {
  const until = member.trialing() ? member.trialEndsAt : member.renewsAt
  return (
    <section class="panel quiet" id="cancel" aria-labelledby="cancel-head">
      <h2 id="cancel-head">Cancel</h2>
      <p>
        {until ? (
          <>
            If you cancel, you keep everything until <Day date={until} />, and nothing more is charged. You can change
            your mind until then.
          </>
        ) : (
          'Nothing more is charged after the period that you have paid for.'
        )}
      </p>
      <details>
        <summary>Cancel my membership</summary>
        <form method="post" action="/billing/cancel" class="stack">
          <div class="field">
            <label for="feedback">Why are you leaving? (optional)</label>
            <select id="feedback" name="feedback">
              <option value="">I would rather not say</option>
              {cancelFeedback.map((code) => (
                <option value={code}>{reasons[code]}</option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for="comment">Anything that we should know? (optional)</label>
            <textarea id="comment" name="comment" rows={3} maxlength={5000} />
          </div>
          <div class="actions">
            <button class="button danger" type="submit" name="when" value="periodEnd">
              Cancel at the end of the period
            </button>
            <a class="text-link" href="/cancel-now">
              End it today instead
            </a>
          </div>
        </form>
      </details>
    </section>
  )
}

function EndNow({ member }: { member: ClubMember }) {
  return (
    <section class="panel quiet" id="cancel" aria-labelledby="cancel-head">
      <h2 id="cancel-head">Cancelled</h2>
      <p>
        Nothing more is charged.{' '}
        {member.endsAt && (
          <>
            Everything stays open until <Day date={member.endsAt} />.
          </>
        )}
      </p>
      <p>
        <a class="text-link" href="/cancel-now">
          End it today instead
        </a>
      </p>
    </section>
  )
}

/** Asked once more: ending at once gives away what was paid for. */
export function CancelNow({ visitor }: { visitor: Visitor }) {
  const { member } = visitor
  const plan = nameOf(member.price?.plan ?? member.plan)
  const until = member.endsAt ?? member.trialEndsAt ?? member.renewsAt
  return (
    <div class="wrap narrow form-page">
      <h1>End {plan} today?</h1>
      <p class="lead">
        Your plan stops at once, and exporting with it. What you have paid for is not paid back
        {until && (
          <>
            , though it would last until <Day date={until} />
          </>
        )}
        . Your projects stay.
      </p>
      <form method="post" action="/billing/cancel" class="actions">
        <input type="hidden" name="when" value="now" />
        <button class="button danger" type="submit">
          End it today
        </button>
        <a class="button quiet" href="/account">
          Keep {plan}
        </a>
      </form>
    </div>
  )
}

function Projects({ count, limit }: { count: number; limit: number }) {
  const bounded = Number.isFinite(limit)
  return (
    <section class="panel" aria-labelledby="usage">
      <h2 id="usage">Projects</h2>
      <p class="usage">
        <strong>{count}</strong> {bounded ? `of ${limit}` : 'and no limit'}
      </p>
      {bounded && <meter min={0} max={limit} value={Math.min(count, limit)} aria-labelledby="usage" />}
    </section>
  )
}

function Prints({ usage }: { usage: Usage }) {
  return (
    <section class="panel" aria-labelledby="prints">
      <h2 id="prints">Prints</h2>
      <Allowance id="prints-left" what={{ one: 'print', many: 'prints' }} usage={usage} />
    </section>
  )
}

const invoiceWords: Record<string, string> = {
  paid: 'Paid',
  open: 'Not paid',
  void: 'Void',
  uncollectible: 'Not paid',
  draft: 'Draft',
}

function Invoices({ invoices: { data, hasMore }, live }: { invoices: InvoicePage; live: boolean }) {
  // What is left open when a membership has ended can be paid at Stripe, and brings nothing back: nobody is asked to.
  const due = (status: string | null) => live && status === 'open'
  return (
    <section class="panel" aria-labelledby="invoices">
      <h2 id="invoices">Invoices</h2>
      {data.length === 0 ? (
        <p class="empty">None yet. Invoices appear here with the first paid plan.</p>
      ) : (
        <ul class="ledger">
          {data.map(({ id, number, created, total, currency, status }) => (
            <li>
              <Day date={created} short />
              <span class="amount">{formatAmount(total, currency)}</span>
              <Tag tone={status === 'paid' ? 'good' : due(status) ? 'warn' : 'calm'}>
                {due(status) ? 'Due' : (invoiceWords[status ?? ''] ?? status)}
              </Tag>
              <a
                href={`/billing/invoice?id=${id}`}
                aria-label={`${due(status) ? 'Pay' : 'Open'} invoice ${number ?? ''}`}
              >
                {due(status) ? 'Pay' : 'Open'}
              </a>
            </li>
          ))}
        </ul>
      )}
      {data.length > 0 && (
        <p>
          <a class="text-link" href="/account/payments">
            {hasMore ? 'All invoices and your cards' : 'Invoices and your cards'}
          </a>
        </p>
      )}
    </section>
  )
}

function History({ history }: { history: Happening[] }) {
  if (history.length === 0) return null
  return (
    <section class="panel" aria-labelledby="history">
      <h2 id="history">What happened</h2>
      <ol class="history">
        {history.map(({ at, text }) => (
          <li>
            <Day date={at} />
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
