import type { MembershipState } from 'dues'
import type { ClubMember } from '../../billing.ts'
import { type PlanCode, planCodes } from '../../plans.ts'
import type { Known } from '../../staff/known.ts'
import { nameOf } from '../../ui/membership-words.ts'
import { Day } from '../../ui/parts.tsx'
import { pathOf, StaffPage, StateTag, stateWords } from './parts.tsx'

export type Looked = { plan: PlanCode | null; state: MembershipState | null; text: string }
export type Row = { readonly person: Known; readonly member: ClubMember }

/** Who is a member of what: by plan and state, or by a part of a name or an address. */
export function Members({ looked, rows, next }: { looked: Looked; rows: readonly Row[]; next: string | null }) {
  return (
    <StaffPage here="/staff">
      <header class="page-head">
        <h1>Members</h1>
      </header>
      <Look {...looked} />
      {rows.length === 0 ? (
        <p class="empty">{next ? 'None on this page; the next may have some.' : nobody(looked)}</p>
      ) : (
        <ul class="roster">
          {rows.map(({ person, member }) => (
            <li>
              <span class="who">
                <a href={pathOf(person)}>{person.name}</a>
                <span class="dim">{person.email}</span>
              </span>
              <span class="what">{planOf(member)}</span>
              <span>
                <StateTag member={member} />
              </span>
              <span class="dim when">
                <NextDay member={member} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {next && (
        <p class="actions">
          <a class="button quiet small" href={`/staff?${query(looked, next)}`}>
            More members
          </a>
        </p>
      )}
      {looked.text === '' && looked.state === null && looked.plan === null && (
        <p class="fine">
          These have bought something, or begun to. Whoever has only joined is found by name or address.
        </p>
      )}
    </StaffPage>
  )
}

function Look({ plan, state, text }: Looked) {
  return (
    <form method="get" action="/staff" class="look">
      <div class="field">
        <label for="q">Name or address</label>
        <input id="q" name="q" type="search" value={text} maxlength={100} autocomplete="off" />
      </div>
      <div class="field">
        <label for="plan">Plan</label>
        <select id="plan" name="plan">
          <option value="">Every plan</option>
          {planCodes.map((code) => (
            <option value={code} selected={code === plan}>
              {nameOf(code)}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="state">State</label>
        <select id="state" name="state">
          <option value="">Every state</option>
          {Object.entries(stateWords).map(([code, words]) => (
            <option value={code} selected={code === state}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <button class="button" type="submit">
        Show
      </button>
    </form>
  )
}

const nobody = ({ text }: Looked): string =>
  text === '' ? 'There is nobody like that.' : `Nobody has “${text}” in their name or address.`

/** What is or was paid for, also where it gives no access now. */
function planOf(member: ClubMember): string {
  const { price } = member
  if (!price?.plan || member.state === 'granted') return nameOf(member.plan)
  return `${nameOf(price.plan)}${price.interval ? `, ${price.interval}` : ''}`
}

function NextDay({ member }: { member: ClubMember }) {
  if (member.endsAt)
    return (
      <>
        {member.ended() ? 'Ended' : 'Ends'} <Day date={member.endsAt} short />
      </>
    )
  if (member.renewsAt)
    return (
      <>
        {member.trialing() ? 'Charged' : 'Renews'} <Day date={member.renewsAt} short />
      </>
    )
  return null
}

function query({ plan, state, text }: Looked, cursor: string): string {
  const given = { q: text, plan: plan ?? '', state: state ?? '', cursor }
  return new URLSearchParams(Object.entries(given).filter(([, value]) => value !== '')).toString()
}
