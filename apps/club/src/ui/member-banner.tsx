import type { ClubMember } from '../billing.ts'
import { formatDay } from './format.ts'
import { nameOf } from './membership-words.ts'

/** What a member has to know on whatever page they are on: that a payment did not go through, and where to mend it. */
export function MemberBanner({ member }: { member: ClubMember }) {
  const trouble = troubleOf(member)
  if (!trouble) return null
  return (
    <div class="banner" role="status">
      <div class="wrap">
        <p>{trouble}</p>
        <form method="post" action="/billing/portal">
          <button class="button small" type="submit">
            Update your card
          </button>
        </form>
      </div>
    </div>
  )
}

function troubleOf(member: ClubMember): string | null {
  const plan = nameOf(member.price?.plan ?? member.plan)
  if (member.pastDue()) {
    const until = member.subscribed() && member.endsAt ? ` You keep ${plan} until ${formatDay(member.endsAt)}.` : ''
    return `Your last payment did not go through.${until} Update your card and we will try it again.`
  }
  if (member.state === 'unpaid')
    return `${plan} is on hold: its last invoice is not paid. Update your card to bring it back.`
  if (member.paused()) return `${plan} is paused: there is no card to charge. Add one to go on.`
  return null
}
