import type { ClubMember } from '../billing.ts'
import { formatDay } from './format.ts'
import { nameOf } from './membership-words.ts'

/** What a member has to know on whatever page they are on: that a payment did not go through, or that there is a pause, and the way out. */
export function MemberBanner({ member, path }: { member: ClubMember; path: string }) {
  const trouble = troubleOf(member)
  // The account page says of a pause all that there is to say, with the same button.
  if (!trouble || (member.paused() && path.split('?')[0] === '/account')) return null
  return (
    <div class="banner" role="status">
      <div class="wrap">
        <p>{trouble}</p>
        <div class="actions">
          {member.paused() ? (
            <form method="post" action="/billing/unpause">
              <button class="button small" type="submit">
                Go on with {nameOf(member.price?.plan ?? member.plan)}
              </button>
            </form>
          ) : (
            <form method="post" action="/billing/add-card">
              <button class="button small" type="submit">
                Update your card
              </button>
            </form>
          )}
          {owes(member) && (
            <form method="post" action="/billing/pay">
              <button class="button quiet small" type="submit">
                Try it again now
              </button>
            </form>
          )}
        </div>
      </div>
    </div>
  )
}

/** A card that had no money yesterday may have some today, and a bank may only want to be asked. */
const owes = (member: ClubMember): boolean => member.pastDue() || member.state === 'unpaid'

function troubleOf(member: ClubMember): string | null {
  const plan = nameOf(member.price?.plan ?? member.plan)
  if (member.pastDue()) {
    const until = member.subscribed() && member.endsAt ? ` You keep ${plan} until ${formatDay(member.endsAt)}.` : ''
    return `Your last payment did not go through.${until} A new card is charged at once.`
  }
  if (member.state === 'unpaid')
    return `${plan} is on hold: its last invoice is not paid. Update your card to bring it back.`
  if (member.paused()) return `${plan} is paused. Nothing is charged until you go on.`
  return null
}
