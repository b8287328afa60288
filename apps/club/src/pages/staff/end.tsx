import type { CancelPreview } from 'dues'
import type { Child } from 'hono/jsx'
import type { ClubMember } from '../../billing.ts'
import type { Known } from '../../staff/known.ts'
import { formatAmount } from '../../ui/format.ts'
import { nameOf } from '../../ui/membership-words.ts'
import { Day } from '../../ui/parts.tsx'
import { Crumb, pathOf, StaffPage } from './parts.tsx'

/** The ways in which staff end a membership. */
export const endings = ['periodEnd', 'now', 'credit', 'unused', 'period'] as const
export type Ending = (typeof endings)[number]
export const isEnding = (text: unknown): text is Ending => endings.some((ending) => ending === text)

/** What each way of ending a membership gives back, before one of them is chosen. */
export function EndMembership({
  person,
  member,
  preview,
}: {
  person: Known
  member: ClubMember
  preview: CancelPreview
}) {
  const plan = nameOf(member.price?.plan ?? member.plan)
  const ways = waysOf(preview, member.cancelling())
  return (
    <StaffPage>
      <Crumb href={pathOf(person)}>{person.name}</Crumb>
      <div class="narrow form-page">
        <h1>End {plan}?</h1>
        <p class="lead">
          {person.name} falls back to Free. Projects stay.
          {member.changesTo && ' The change of plan that is planned is dropped.'}
        </p>
        <form method="post" action={`${pathOf(person)}/end`} class="stack">
          <input type="hidden" name="unused" value={preview.unused} />
          <input type="hidden" name="period" value={preview.period} />
          <fieldset class="endings">
            <legend class="hidden">How</legend>
            {ways.map(({ ending, title, text }, i) => (
              <label>
                <input type="radio" name="ending" value={ending} checked={i === 0} />
                <span>
                  <strong>{title}</strong>
                  <span class="dim">{text}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <div class="actions">
            <button class="button danger" type="submit">
              End {plan}
            </button>
            <a class="button quiet" href={pathOf(person)}>
              Keep it
            </a>
          </div>
        </form>
      </div>
    </StaffPage>
  )
}

function waysOf({ periodEnd, currency, credit, unused, period }: CancelPreview, cancelling: boolean) {
  const money = (amount: number): string => formatAmount(amount, currency ?? 'usd')
  const ways: { ending: Ending; title: Child; text: string }[] = []
  if (periodEnd && !cancelling)
    ways.push({
      ending: 'periodEnd',
      title: (
        <>
          On <Day date={periodEnd} />
        </>
      ),
      text: 'At the end of the period. Nothing is paid back, and it can be taken back until then.',
    })
  ways.push({ ending: 'now', title: 'Now', text: 'Nothing is paid back.' })
  if (credit > 0)
    ways.push({
      ending: 'credit',
      title: `Now, with ${money(credit)} as credit`,
      text: `For time that is paid for and not used, to the second. It is taken off invoices to come.${
        credit > period ? ' What went back before, or was paid from credit, is in it.' : ''
      }`,
    })
  if (unused > 0)
    ways.push({
      ending: 'unused',
      title: `Now, and ${money(unused)} back to the card`,
      text: 'For time that is paid for and not used.',
    })
  if (period > 0 && period !== unused)
    ways.push({
      ending: 'period',
      title: `Now, and ${money(period)} back to the card`,
      text: 'All that was paid for the present period.',
    })
  return ways
}
