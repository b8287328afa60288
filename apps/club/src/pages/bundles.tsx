import type { ChangePreview } from 'dues'
import type { ClubMember } from '../billing.ts'
import { addOns, type ClubInterval, type ClubPlans } from '../plans.ts'
import { formatAmount, formatDay } from '../ui/format.ts'
import { bundles, priceOfBundles } from '../ui/membership-words.ts'
import { Day } from '../ui/parts.tsx'
import { CostToday } from './cost-today.tsx'

const { quantity, features } = addOns.bundle

/** Whether somebody can have print bundles now: beside a paid plan that goes on. */
export const canHaveBundles = (member: ClubMember): boolean =>
  (member.active() || member.trialing()) && !member.cancelling() && member.interval !== null

/** More prints beside the plan: how many bundles, and a way to see what another number costs. */
export function Bundles({ member }: { member: ClubMember }) {
  const { interval } = member
  if (!canHaveBundles(member) || interval === null) return null
  const held = member.addOns.bundle
  const then = member.changesTo?.addOns.bundle ?? held
  return (
    <section class="panel" aria-labelledby="bundles">
      <h2 id="bundles">Print bundles</h2>
      <p>
        Each adds {features.prints} prints a month, for {priceOfBundles(1, interval)}.
        {held > 0 && ` You have ${bundles(held)}.`}
        {then !== held && member.changesTo && (
          <>
            {' '}
            {then > 0 ? `Only ${bundles(then)}` : 'None'} from <Day date={member.changesTo.at} /> on.
          </>
        )}
      </p>
      <form method="get" action="/account/bundles" class="number-row">
        <div class="field">
          <label for="bundle-number">How many</label>
          <input
            id="bundle-number"
            name="number"
            type="number"
            inputmode="numeric"
            min={0}
            max={quantity.max}
            required
            value={held || 1}
          />
        </div>
        <button class="button quiet" type="submit">
          See what it costs
        </button>
        {held > 0 && (
          <a class="text-link" href="/account/bundles?number=0">
            Take {held > 1 ? 'them' : 'it'} away
          </a>
        )}
      </form>
    </section>
  )
}

/** What another number of bundles costs, to the cent, before anybody agrees to it. */
export function ChangeBundles({ preview, interval }: { preview: ChangePreview<ClubPlans>; interval: ClubInterval }) {
  const { to, from, when, at, currency, dueToday, prorationDate } = preview
  const wanted = to.addOns.bundle
  const waits = when === 'periodEnd'
  return (
    <div class="wrap narrow form-page">
      <h1>{wanted > 0 ? bundles(wanted) : 'No print bundles'}</h1>
      <p class="lead">
        {waits ? (
          <>
            You keep {bundles(from.addOns.bundle)} until <Day date={at} />, since that is paid for.
          </>
        ) : (
          `Yours at once${from.addOns.bundle > 0 ? `, in place of ${bundles(from.addOns.bundle)}` : ''}.`
        )}
        {wanted > 0 &&
          ` ${waits ? 'Then it is' : 'It is'} ${priceOfBundles(wanted, interval)}, on the invoice of your plan.`}
      </p>
      <CostToday preview={preview} />
      <form method="post" action="/billing/add-ons" class="actions">
        <input type="hidden" name="addOns[bundle]" value={wanted} />
        <input type="hidden" name="when" value={when} />
        <input type="hidden" name="prorationDate" value={prorationDate} />
        <button class="button" type="submit">
          {waits
            ? `Change on ${formatDay(at)}`
            : dueToday > 0
              ? `Pay ${formatAmount(dueToday, currency)}`
              : 'Change now'}
        </button>
        <a class="button quiet" href="/account">
          Stay as you are
        </a>
      </form>
      <p class="fine">
        {waits
          ? 'You can take it back on your account page until then.'
          : dueToday > 0 && 'Charged to the card on your membership. If it does not go through, nothing changes.'}
      </p>
    </div>
  )
}
