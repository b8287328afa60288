import type { Invoice, InvoicePage, PaymentMethod, UpcomingInvoice } from 'dues'
import type { ClubMember } from '../billing.ts'
import type { Visitor } from '../http/context.ts'
import { formatAmount } from '../ui/format.ts'
import { nameOf } from '../ui/membership-words.ts'
import { Day, Notice, Tag } from '../ui/parts.tsx'
import { hasLiveSubscription } from './pricing.tsx'

export type PaymentsProps = {
  visitor: Visitor
  /** Null while Stripe does not answer: the invoices are the club's own to show. */
  atStripe: { cards: PaymentMethod[]; upcoming: UpcomingInvoice | null; credit: string | null } | null
  invoices: InvoicePage
  /** Whether this is a later page of them. */
  later: boolean
  notice: string | null
}

/** What is paid with, what will be paid, and what was. */
export function Payments({ visitor, atStripe, invoices, later, notice }: PaymentsProps) {
  const { member } = visitor
  return (
    <div class="wrap account">
      <header class="page-head">
        <h1>Cards and invoices</h1>
        <p class="lead">
          <a class="text-link" href="/account">
            Back to your account
          </a>
        </p>
      </header>
      {notice && <Notice tone="good">{notice}</Notice>}
      <div class="account-grid">
        <div>
          <Cards member={member} cards={atStripe?.cards ?? null} asks={asksToRemove(visitor, atStripe?.cards ?? [])} />
          {atStripe?.upcoming && <Upcoming upcoming={atStripe.upcoming} />}
          {atStripe?.credit && <Credit credit={atStripe.credit} />}
        </div>
        <div>
          <AllInvoices page={invoices} live={hasLiveSubscription(visitor)} later={later} />
        </div>
      </div>
    </div>
  )
}

/** The last card of a membership that goes on is asked about once more. */
const asksToRemove = (visitor: Visitor, cards: readonly PaymentMethod[]): boolean =>
  cards.length === 1 && hasLiveSubscription(visitor) && !visitor.member.cancelling()

function Cards({ member, cards, asks }: { member: ClubMember; cards: PaymentMethod[] | null; asks: boolean }) {
  return (
    <section class="panel" aria-labelledby="cards">
      <h2 id="cards">Cards</h2>
      {cards === null ? (
        <p class="empty">Your cards are kept at Stripe, which does not answer just now. Try again in a minute.</p>
      ) : cards.length === 0 ? (
        <p class="empty">None yet. The first one is asked for when you choose a paid plan, or add one now.</p>
      ) : (
        <ul class="cards">
          {cards.map((card) => (
            <Card card={card} renewsAt={member.renewsAt} asks={asks} />
          ))}
        </ul>
      )}
      {cards !== null && (
        <form method="post" action="/billing/add-card" class="actions">
          <button class={cards.length === 0 ? 'button' : 'button quiet'} type="submit">
            Add a card
          </button>
        </form>
      )}
    </section>
  )
}

function Card({ card, renewsAt, asks }: { card: PaymentMethod; renewsAt: Date | null; asks: boolean }) {
  const { id, label, expires, isDefault, expired } = card
  const late = isDefault && expires && renewsAt ? endOf(expires) <= renewsAt : false
  return (
    <li>
      <div class="card-words">
        <strong>{label}</strong>
        {isDefault && <Tag tone="good">Pays your membership</Tag>}
        {expired ? <Tag tone="warn">Expired</Tag> : late && <Tag tone="warn">Expires before the next payment</Tag>}
        {expires && <span class="dim">Good until {monthOf(expires)}</span>}
      </div>
      <div class="card-actions">
        {!isDefault && (
          <form method="post" action="/billing/default-card">
            <input type="hidden" name="paymentMethod" value={id} />
            <button class="button quiet small" type="submit" aria-label={`Pay with ${label}`}>
              Pay with it
            </button>
          </form>
        )}
        {asks ? (
          <a class="button quiet small" href={`/account/remove-card?id=${encodeURIComponent(id)}`}>
            Remove
          </a>
        ) : (
          <form method="post" action="/billing/remove-card">
            <input type="hidden" name="paymentMethod" value={id} />
            <button class="button quiet small" type="submit" aria-label={`Remove ${label}`}>
              Remove
            </button>
          </form>
        )}
      </div>
    </li>
  )
}

type Expiry = NonNullable<PaymentMethod['expires']>

/** A card is good until its month is over. */
const endOf = ({ month, year }: Expiry): Date => new Date(Date.UTC(year, month, 1))

const monthWords = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })
const monthOf = ({ month, year }: Expiry): string => monthWords.format(new Date(Date.UTC(year, month - 1, 1)))

function Upcoming({ upcoming }: { upcoming: UpcomingInvoice }) {
  const { lines, currency, discount, tax, total, amountDue, at } = upcoming
  const rows: [string, number][] = [
    ...lines.map(({ description, amount }): [string, number] => [description, amount]),
    ...(discount ? [['Discount', -discount] as [string, number]] : []),
    ...(tax ? [['Tax', tax] as [string, number]] : []),
    ...(amountDue === total ? [] : [['From your credit', amountDue - total] as [string, number]]),
  ]
  return (
    <section class="panel" aria-labelledby="upcoming">
      <h2 id="upcoming">Next payment</h2>
      <p>
        <strong>{formatAmount(amountDue, currency)}</strong> on <Day date={at} />
      </p>
      <dl class="facts">
        {rows.map(([what, amount]) => (
          <div>
            <dt>{what}</dt>
            <dd>{formatAmount(amount, currency)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Credit({ credit }: { credit: string }) {
  return (
    <section class="panel quiet" aria-labelledby="credit">
      <h2 id="credit">Credit</h2>
      <p>You have {credit} with us. It is taken off your next invoices by itself.</p>
    </section>
  )
}

const words: Record<string, string> = { paid: 'Paid', open: 'Not paid', void: 'Void', uncollectible: 'Not paid' }

/**
 * Stripe's own links to a page or a paper end after a while, so each goes by way of /billing, which finds the one that is good.
 * What is left open when a membership has ended brings nothing back: nobody is asked to pay it.
 */
function AllInvoices({ page: { data, hasMore }, live, later }: { page: InvoicePage; live: boolean; later: boolean }) {
  const due = ({ status }: Invoice) => live && status === 'open'
  const last = data.at(-1)
  return (
    <section class="panel" aria-labelledby="invoices">
      <h2 id="invoices">Invoices</h2>
      {data.length === 0 ? (
        <p class="empty">
          {later ? 'There are no older ones.' : 'None yet. Invoices appear here with the first paid plan.'}
        </p>
      ) : (
        <ul class="ledger whole">
          {data.map((invoice) => {
            const { id, number, created, total, currency, status } = invoice
            const link = `/billing/invoice?id=${id}`
            return (
              <li>
                <Day date={created} short />
                <span class="amount">{formatAmount(total, currency)}</span>
                <Tag tone={status === 'paid' ? 'good' : due(invoice) ? 'warn' : 'calm'}>
                  {due(invoice) ? 'Due' : (words[status ?? ''] ?? status)}
                </Tag>
                <span class="papers">
                  <a href={link} aria-label={`${due(invoice) ? 'Pay' : 'Open'} invoice ${number ?? ''}`}>
                    {due(invoice) ? 'Pay' : 'Open'}
                  </a>
                  <a href={`${link}&as=pdf`} aria-label={`PDF of invoice ${number ?? ''}`}>
                    PDF
                  </a>
                  {status === 'paid' && total > 0 && (
                    <a href={`${link}&as=receipt`} aria-label={`Receipt for invoice ${number ?? ''}`}>
                      Receipt
                    </a>
                  )}
                </span>
              </li>
            )
          })}
        </ul>
      )}
      {(later || hasMore) && (
        <nav class="actions" aria-label="Pages of invoices">
          {later && (
            <a class="button quiet small" href="/account/payments">
              Newest invoices
            </a>
          )}
          {hasMore && last && (
            <a class="button quiet small" href={`/account/payments?after=${last.id}`}>
              Older invoices
            </a>
          )}
        </nav>
      )}
    </section>
  )
}

/** Asked once more: the next payment would find nothing to charge. */
export function RemoveCard({ member, card }: { member: ClubMember; card: PaymentMethod }) {
  const plan = nameOf(member.price?.plan ?? member.plan)
  return (
    <div class="wrap narrow form-page">
      <h1>Remove {card.label}?</h1>
      <p class="lead">
        {plan} is paid with this card, and there is no other. Without one the next payment
        {member.renewsAt && (
          <>
            , on <Day date={member.renewsAt} />,
          </>
        )}{' '}
        cannot be made.
      </p>
      <div class="actions">
        <form method="post" action="/billing/add-card">
          <button class="button" type="submit">
            Add another card first
          </button>
        </form>
        <form method="post" action="/billing/remove-card">
          <input type="hidden" name="paymentMethod" value={card.id} />
          <input type="hidden" name="confirm" value="yes" />
          <button class="button danger" type="submit">
            Remove it all the same
          </button>
        </form>
      </div>
    </div>
  )
}
