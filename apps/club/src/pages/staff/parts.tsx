import type { MembershipState } from 'dues'
import type { Child } from 'hono/jsx'
import type { ClubMember } from '../../billing.ts'
import type { Known } from '../../staff/known.ts'
import { stateLabel } from '../../ui/membership-words.ts'
import { Tag } from '../../ui/parts.tsx'

const pages = [
  { href: '/staff', name: 'Members' },
  { href: '/staff/inbox', name: 'Inbox' },
] as const

/** A page of the staff's, with the way to the others; without `here`, one about a member. */
export function StaffPage({ here, children }: { here?: (typeof pages)[number]['href']; children: Child }) {
  const current = (href: string) =>
    href === here ? 'page' : here === undefined && href === '/staff' ? 'true' : undefined
  return (
    <div class="wrap account staff">
      <nav class="rooms" aria-label="Staff's pages">
        {pages.map(({ href, name }) => (
          <a href={href} aria-current={current(href)}>
            {name}
          </a>
        ))}
      </nav>
      {children}
    </div>
  )
}

/** Every state in which a membership can be, as staff read it. */
export const stateWords: Record<MembershipState, string> = {
  active: 'Active',
  trialing: 'On trial',
  past_due: 'Payment due',
  unpaid: 'Unpaid',
  paused: 'Paused',
  incomplete: 'Waiting for the first payment',
  incomplete_expired: 'Never began',
  canceled: 'Ended',
  granted: 'Given',
  none: 'Free',
}

export const isState = (text: unknown): text is MembershipState =>
  typeof text === 'string' && Object.hasOwn(stateWords, text)

export const stateTag = (member: ClubMember) =>
  stateLabel(member) ?? ({ text: stateWords[member.state], tone: 'calm' } as const)

export function StateTag({ member }: { member: ClubMember }) {
  const { text, tone } = stateTag(member)
  return <Tag tone={tone}>{text}</Tag>
}

export const pathOf = ({ id }: Pick<Known, 'id'>): string => `/staff/members/${encodeURIComponent(id)}`

/** Back to where this page came from. */
export function Crumb({ href, children }: { href: string; children: Child }) {
  return (
    <p class="crumb">
      <a href={href}>{children}</a>
    </p>
  )
}
