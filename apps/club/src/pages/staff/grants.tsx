import type { Grant } from 'dues'
import type { ClubPlans } from '../../plans.ts'
import { nameOf } from '../../ui/membership-words.ts'
import { Day } from '../../ui/parts.tsx'

/** Plans that were given by hand, and a form to give another. */
export function Given({ base, grants, now }: { base: string; grants: readonly Grant<ClubPlans>[]; now: Date }) {
  return (
    <section class="panel" id="given" aria-labelledby="given-head">
      <h2 id="given-head">Given by hand</h2>
      {grants.length > 0 && (
        <ul class="cards">
          {grants.map((grant) => (
            <li>
              <div class="card-words">
                <strong>{nameOf(grant.plan)}</strong>
                <span>{grant.reason}</span>
                <span class="dim">
                  <Time grant={grant} now={now} />
                </span>
              </div>
              {isRunning(grant, now) && (
                <form method="post" action={`${base}/grants/end`} class="card-actions">
                  <input type="hidden" name="plan" value={grant.plan} />
                  <button
                    class="button quiet small"
                    type="submit"
                    aria-label={`End the grant of ${nameOf(grant.plan)}`}
                  >
                    End it
                  </button>
                </form>
              )}
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>Give a plan</summary>
        <form method="post" action={`${base}/grants`} class="stack">
          <p>
            It costs nothing and charges nothing. A paid plan that is more wins over it; one that is less goes on being
            charged.
          </p>
          <div class="field">
            <label for="grant-plan">Plan</label>
            <select id="grant-plan" name="plan">
              <option value="pro">{nameOf('pro')}</option>
              <option value="ent">{nameOf('ent')}</option>
            </select>
          </div>
          <div class="field">
            <label for="grant-reason">Why</label>
            <input id="grant-reason" name="reason" required maxlength={200} autocomplete="off" />
          </div>
          <div class="field">
            <label for="grant-until">Last day (optional)</label>
            <input id="grant-until" name="until" type="date" min={now.toISOString().slice(0, 10)} />
          </div>
          <div class="actions">
            <button class="button" type="submit">
              Give it
            </button>
          </div>
        </form>
      </details>
    </section>
  )
}

export const isRunning = ({ endsAt }: Pick<Grant, 'endsAt'>, now: Date): boolean => endsAt === null || endsAt > now

function Time({ grant, now }: { grant: Grant<ClubPlans>; now: Date }) {
  const { grantedAt, endsAt } = grant
  return (
    <>
      From <Day date={grantedAt} short />
      {endsAt ? (
        <>
          {isRunning(grant, now) ? ' until ' : ', ended '}
          <Day date={endsAt} short />
        </>
      ) : (
        ', without an end'
      )}
    </>
  )
}
