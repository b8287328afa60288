import type { Hooks, Transition, TransitionType } from 'dues'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database.ts'
import type { ClubPlans } from '../plans.ts'
import { formatDay, formatPrice } from '../ui/format.ts'
import { bundles, nameOf } from '../ui/membership-words.ts'

/** One line of a member's history. */
export type Happening = { readonly id: string; readonly at: Date; readonly text: string }

type ClubTransition = Transition<ClubPlans>

/** What is told of each change of a membership. */
const sentences: Record<TransitionType, (transition: ClubTransition) => string> = {
  started: ({ after }) =>
    after?.trialEndsAt
      ? `${plan(after)} began, on trial until ${formatDay(after.trialEndsAt)}`
      : `${plan(after)} began`,
  trialWillEnd: ({ after }) =>
    after?.trialEndsAt
      ? `The trial is nearly over: it ends on ${formatDay(after.trialEndsAt)}`
      : 'The trial is nearly over',
  switched: ({ before, after }) => `Switched from ${plan(before)} to ${plan(after)}`,
  switchScheduled: ({ after }) =>
    after?.changesTo
      ? `Planned: ${nameOf(after.changesTo.plan)} (${after.changesTo.interval}) from ${formatDay(after.changesTo.at)} on`
      : 'A change of plan was planned',
  switchUndone: ({ after }) => `The planned change was taken back: ${plan(after)} stays`,
  quantityChanged: ({ after }) => `${plan(after)} is for another number of people`,
  addOnsChanged: ({ before, after }) => changedBundles(before?.addOns.bundle ?? 0, after?.addOns.bundle ?? 0),
  trialChanged: ({ after }) =>
    after?.trialEndsAt ? `The trial now ends on ${formatDay(after.trialEndsAt)}` : 'The trial’s end was changed',
  renewed: ({ after }) => `${plan(after)} renewed`,
  pastDue: ({ after }) => `A payment for ${plan(after)} did not go through`,
  recovered: ({ after }) => `Paid after all, and ${plan(after)} goes on`,
  paused: ({ after }) => `${plan(after)} was paused`,
  cancelling: ({ after }) => (after?.endsAt ? `Cancelled, to end on ${formatDay(after.endsAt)}` : 'Cancelled'),
  resumed: ({ before, after }) =>
    before?.status === 'paused'
      ? `The pause is over: ${plan(after)} goes on`
      : `The cancellation was taken back: ${plan(after)} goes on`,
  ended: ({ before, after }) => `${plan(after ?? before)} ended`,
  expired: ({ after }) => `${plan(after)} did not begin: its first payment did not come`,
  trialRefused: ({ after, detail: { amount, currency } }) =>
    typeof amount === 'number' && typeof currency === 'string' && amount > 0
      ? `The card has had a trial before: ${plan(after)} began at once, for ${formatPrice(amount, currency)}`
      : 'The card has had a trial before, and could not be charged',
  duplicateEnded: ({ before, after, detail }) =>
    `Bought twice: ${plan(before)} was ended, ${plan(after)} stays${givenBack(detail)}`,
  refunded: () => 'Money was paid back',
  disputed: () => 'A payment was disputed',
  disputeClosed: ({ detail: { status } }) =>
    status === 'lost' ? 'The bank gave the disputed payment back' : 'The dispute of a payment was closed: it stands',
  actionRequired: () => 'A payment waits for your bank’s approval',
}

function changedBundles(before: number, after: number): string {
  if (before === 0) return `${bundles(after)} added`
  return after === 0 ? `${bundles(before)} taken away` : `${bundles(after)} in place of ${before}`
}

/** What became of money that was paid twice. */
function givenBack({ money, amount, currency }: ClubTransition['detail']): string {
  if (typeof amount !== 'number' || typeof currency !== 'string' || amount === 0) return ''
  const price = formatPrice(amount, currency)
  return money === 'refund' ? `, and ${price} was paid back` : `, and ${price} was credited`
}

/** "Professional (monthly)". */
function plan(snapshot: ClubTransition['after']): string {
  if (!snapshot?.plan) return 'The membership'
  return snapshot.interval ? `${nameOf(snapshot.plan)} (${snapshot.interval})` : nameOf(snapshot.plan)
}

/** A transition in the club's words. */
export const inWords = (transition: ClubTransition): string => sentences[transition.type](transition)

/** Every change of every membership, written down in the club's own words by the hooks of Dues. */
export function createHistory(db: Kysely<Tables>) {
  const record = async (transition: ClubTransition): Promise<void> => {
    const { id, owner, at } = transition
    const row = { id, owner: owner.id, at, text: inWords(transition) }
    // A hook runs at least once; the transition's id makes the second time harmless.
    await db
      .insertInto('club_history')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  }
  const hooks: Hooks<ClubPlans> = Object.fromEntries(Object.keys(sentences).map((type) => [type, record]))
  return {
    hooks,
    async list(owner: string, most = 12): Promise<Happening[]> {
      const rows = db.selectFrom('club_history').select(['id', 'at', 'text']).where('owner', '=', owner)
      return rows.orderBy('at', 'desc').orderBy('told', 'desc').limit(most).execute()
    },
  }
}

export type History = ReturnType<typeof createHistory>

export async function migrateHistory(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('club_history')
    .ifNotExists()
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('at', 'timestamptz', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .execute()
  await sql`alter table club_history add column if not exists told bigserial`.execute(db)
  await db.schema.createIndex('club_history_owner').ifNotExists().on('club_history').columns(['owner', 'at']).execute()
}
