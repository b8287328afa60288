import type { Grant, InvoicePage, PaymentMethod, Transition, UpcomingInvoice } from 'dues'
import { inWords } from '../../accounts/history.ts'
import type { ClubMember } from '../../billing.ts'
import { type ClubPlans, per } from '../../plans.ts'
import type { Known } from '../../staff/known.ts'
import { formatAmount } from '../../ui/format.ts'
import { bundles, nameOf } from '../../ui/membership-words.ts'
import { Day, Notice, Tag } from '../../ui/parts.tsx'
import { hasLiveSubscription } from '../pricing.tsx'
import { Given } from './grants.tsx'
import { pathOf, StaffPage, StateTag, stateTag, stateWords } from './parts.tsx'

export type MemberProps = {
  person: Known
  member: ClubMember
  /** Null while Stripe does not answer. */
  atStripe: { cards: readonly PaymentMethod[]; upcoming: UpcomingInvoice | null; balance: string | null } | null
  invoices: InvoicePage
  /** Whether this is a later page of them. */
  later: boolean
  grants: readonly Grant<ClubPlans>[]
  history: readonly Transition<ClubPlans>[]
  now: Date
  notice: string | null
  problem: string | null
}

/** All that the club knows of one member, and what staff may do about it. */
export function StaffMember(props: MemberProps) {
  const { person, member, atStripe, invoices, later, grants, history, now, notice, problem } = props
  const { name, email, joined } = person
  return (
    <StaffPage>
      <header class="page-head">
        <h1>{name}</h1>
        <p class="lead">
          {email}
          {joined && (
            <>
              , joined <Day date={joined} />
            </>
          )}
        </p>
      </header>
      {notice && <Notice tone="good">{notice}</Notice>}
      {problem && <Notice tone="warn">{problem}</Notice>}
      <div class="account-grid">
        <div>
          <Membership
            person={person}
            member={member}
            subscription={history.find(({ after }) => after)?.after?.subscription ?? null}
          />
          <Invoices person={person} page={invoices} later={later} />
          <Given base={pathOf(person)} grants={grants} now={now} />
        </div>
        <div>
          <Paying atStripe={atStripe} />
          <History history={history} />
        </div>
      </div>
    </StaffPage>
  )
}

function Membership({
  person,
  member,
  subscription,
}: {
  person: Known
  member: ClubMember
  subscription: string | null
}) {
  const { price, renewsAt, endsAt, trialEndsAt, changesTo, state } = member
  const live = hasLiveSubscription({ member })
  const plan = nameOf((live ? price?.plan : null) ?? member.plan)
  const rows = [
    stateTag(member).text === stateWords[state] ? null : (['State', stateWords[state]] as const),
    price?.amount != null && price.currency && price.interval
      ? (['Price', `${formatAmount(price.amount, price.currency)} a ${per[price.interval]}`] as const)
      : null,
    price && price.addOns.bundle > 0 ? (['Beside it', bundles(price.addOns.bundle)] as const) : null,
    trialEndsAt ? (['Trial until', <Day date={trialEndsAt} />] as const) : null,
    renewsAt && !member.trialing() ? (['Renews', <Day date={renewsAt} />] as const) : null,
    endsAt ? ([member.ended() ? 'Ended' : 'Ends', <Day date={endsAt} />] as const) : null,
    changesTo
      ? ([
          'Planned',
          <>
            {nameOf(changesTo.plan)}
            {changesTo.interval && `, ${changesTo.interval}`}
            {changesTo.addOns.bundle > 0 && `, ${bundles(changesTo.addOns.bundle)}`}, on <Day date={changesTo.at} />
          </>,
        ] as const)
      : null,
    subscription ? (['Subscription', <code>{subscription}</code>] as const) : null,
    ['Member', <code>{person.id}</code>] as const,
  ].filter((row) => row !== null)
  return (
    <section class="panel membership" aria-labelledby="membership" data-state={state}>
      <div class="panel-head">
        <h2 id="membership">{plan}</h2>
        <StateTag member={member} />
      </div>
      <dl class="facts">
        {rows.map(([term, value]) => (
          <div>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {live && (
        <div class="actions">
          {member.changesTo && (
            <form method="post" action={`${pathOf(person)}/undo-switch`}>
              <button class="button quiet" type="submit">
                Drop the planned change
              </button>
            </form>
          )}
          {member.canResume() && (
            <form method="post" action={`${pathOf(person)}/resume`}>
              <button class="button quiet" type="submit">
                Take the cancellation back
              </button>
            </form>
          )}
          <a class="button danger" href={`${pathOf(person)}/end`}>
            {member.cancelling() ? 'End it sooner' : 'End this membership'}
          </a>
        </div>
      )}
    </section>
  )
}

const invoiceWords: Record<string, string> = {
  paid: 'Paid',
  open: 'Not paid',
  void: 'Void',
  uncollectible: 'Given up',
}

function Invoices({ person, page: { data, hasMore }, later }: { person: Known; page: InvoicePage; later: boolean }) {
  const last = data.at(-1)
  return (
    <section class="panel" aria-labelledby="invoices">
      <h2 id="invoices">Invoices</h2>
      {data.length === 0 ? (
        <p class="empty">{later ? 'There are no older ones.' : 'None yet.'}</p>
      ) : (
        <ul class="ledger">
          {data.map(({ id, number, created, total, amountPaid, currency, status }) => (
            <li>
              <Day date={created} short />
              <span class="amount">{formatAmount(total, currency)}</span>
              <Tag tone={status === 'paid' ? 'good' : status === 'open' ? 'warn' : 'calm'}>
                {invoiceWords[status ?? ''] ?? status}
              </Tag>
              <a href={`${pathOf(person)}/invoices/${id}`} aria-label={`Invoice ${number ?? id}`}>
                {amountPaid > 0 ? 'Refund' : 'Open'}
              </a>
            </li>
          ))}
        </ul>
      )}
      {hasMore && last && (
        <p>
          <a class="text-link" href={`${pathOf(person)}?after=${last.id}`}>
            Older invoices
          </a>
        </p>
      )}
    </section>
  )
}

function Paying({ atStripe }: Pick<MemberProps, 'atStripe'>) {
  return (
    <section class="panel" aria-labelledby="paying">
      <h2 id="paying">Payment</h2>
      {atStripe === null ? (
        <p class="empty">Cards and credit are kept at Stripe, which does not answer just now. Try again in a minute.</p>
      ) : (
        <dl class="facts">
          {atStripe.upcoming && (
            <div>
              <dt>Next payment</dt>
              <dd>
                {formatAmount(atStripe.upcoming.amountDue, atStripe.upcoming.currency)},{' '}
                <Day date={atStripe.upcoming.at} short />
              </dd>
            </div>
          )}
          {atStripe.balance && (
            <div>
              <dt>Balance</dt>
              <dd>{atStripe.balance}</dd>
            </div>
          )}
          {atStripe.cards.length === 0 ? (
            <div>
              <dt>Cards</dt>
              <dd>None</dd>
            </div>
          ) : (
            atStripe.cards.map(({ label, isDefault, expired }) => (
              <div>
                <dt>{isDefault ? 'Pays with' : 'Another card'}</dt>
                <dd>
                  {label}
                  {expired && ', expired'}
                </dd>
              </div>
            ))
          )}
        </dl>
      )}
    </section>
  )
}

function History({ history }: Pick<MemberProps, 'history'>) {
  return (
    <section class="panel" aria-labelledby="history">
      <h2 id="history">What happened</h2>
      {history.length === 0 ? (
        <p class="empty">Nothing yet.</p>
      ) : (
        <ol class="history">
          {history.map((transition) => (
            <li>
              <span class="dim">
                <Day date={transition.at} /> <code>{transition.type}</code>
              </span>
              <span>
                {inWords(transition)}
                {moneyOf(transition)}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** How much it was about, where that says more than the words. Of refunds Stripe tells how much has gone back in all. */
function moneyOf({ type, detail: { amount, amountRefunded, currency } }: Transition<ClubPlans>): string {
  if (typeof amount !== 'number' || typeof currency !== 'string') return ''
  if (type === 'disputed') return `: ${formatAmount(amount, currency)}`
  if (type !== 'refunded' || typeof amountRefunded !== 'number') return ''
  return `: ${formatAmount(amountRefunded, currency)} of ${formatAmount(amount, currency)} by now`
}
