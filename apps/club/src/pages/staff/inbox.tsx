import type { DeadJob, Drift, Health, InboxEvent } from 'dues'
import { formatMinute } from '../../ui/format.ts'
import { Notice, Tag } from '../../ui/parts.tsx'
import { StaffPage } from './parts.tsx'

export type InboxProps = {
  health: Health
  events: readonly InboxEvent[]
  jobs: readonly DeadJob[]
  drift: readonly Drift[]
  notice: string | null
}

/** How it goes with what Stripe tells: what waits, what failed, and what the last comparison found. */
export function StaffInbox({ health, events, jobs, drift, notice }: InboxProps) {
  const { status, problems, inbox, deadJobs, stripe } = health
  const rows = [
    ['Stripe', stripe === 'up' ? 'Answers' : 'Does not answer'],
    [
      'Events that wait',
      inbox.waiting === 0 ? 'None' : `${inbox.waiting}, the oldest for ${Math.round(inbox.oldestWaitingSeconds)} s`,
    ],
    ['Events that failed', inbox.dead === 0 ? 'None' : String(inbox.dead)],
    ['Hooks and fetches that failed', deadJobs === 0 ? 'None' : String(deadJobs)],
  ]
  return (
    <StaffPage here="/staff/inbox">
      <header class="page-head">
        <h1>Inbox</h1>
        <p class="lead">{status === 'ok' ? 'All is well.' : problems.map(sentence).join(' ')}</p>
      </header>
      {notice && <Notice tone="good">{notice}</Notice>}
      <div class="account-grid">
        <div>
          <Events events={events} />
          <Jobs jobs={jobs} />
        </div>
        <div>
          <section class="panel" aria-labelledby="health">
            <div class="panel-head">
              <h2 id="health">Health</h2>
              <Tag tone={status === 'ok' ? 'good' : 'warn'}>{status === 'ok' ? 'Well' : 'Look at it'}</Tag>
            </div>
            <dl class="facts">
              {rows.map(([what, value]) => (
                <div>
                  <dt>{what}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </section>
          <LastReconcile last={health.lastReconcile} drift={drift} />
        </div>
      </div>
    </StaffPage>
  )
}

/** Where Dues sends its reader to a command, this page is the place. */
const sentence = (problem: string): string => `${problem.split(': see ')[0]}.`

function Events({ events }: Pick<InboxProps, 'events'>) {
  const dead = events.filter(({ state }) => state === 'dead')
  return (
    <section class="panel" aria-labelledby="events">
      <h2 id="events">Events</h2>
      {events.length === 0 ? (
        <p class="empty">Everything that Stripe sent has been applied.</p>
      ) : (
        <ul class="cards">
          {events.map(({ id, type, state, object, receivedAt, error }) => (
            <li>
              <div class="card-words">
                <strong>{type}</strong>
                <Tag tone={state === 'dead' ? 'warn' : 'calm'}>{state === 'dead' ? 'Failed' : 'Waits'}</Tag>
                <span class="dim">
                  {formatMinute(new Date(receivedAt))}, <code>{id}</code>
                  {object && (
                    <>
                      {' '}
                      about <code>{object}</code>
                    </>
                  )}
                </span>
                {error && <span class="why">{error}</span>}
              </div>
              <Again action="/staff/inbox/replay" id={id} label={`Replay ${type} ${id}`} text="Replay" />
            </li>
          ))}
        </ul>
      )}
      {dead.length > 1 && (
        <form method="post" action="/staff/inbox/replay" class="actions">
          {dead.map(({ id }) => (
            <input type="hidden" name="id" value={id} />
          ))}
          <button class="button quiet" type="submit">
            Replay all {dead.length} that failed
          </button>
        </form>
      )}
    </section>
  )
}

function Jobs({ jobs }: Pick<InboxProps, 'jobs'>) {
  return (
    <section class="panel" aria-labelledby="jobs">
      <h2 id="jobs">Hooks and fetches</h2>
      {jobs.length === 0 ? (
        <p class="empty">None has failed for good.</p>
      ) : (
        <ul class="cards">
          {jobs.map(({ id, queue, reason, diedAt }) => (
            <li>
              <div class="card-words">
                <strong>{queue}</strong>
                <span class="dim">{formatMinute(diedAt)}</span>
                <span class="why">{reason}</span>
              </div>
              <Again action="/staff/inbox/revive" id={id} label={`Try ${queue} again`} text="Try again" />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Again({ action, id, label, text }: { action: string; id: string; label: string; text: string }) {
  return (
    <form method="post" action={action} class="card-actions">
      <input type="hidden" name="id" value={id} />
      <button class="button quiet small" type="submit" aria-label={label}>
        {text}
      </button>
    </form>
  )
}

function LastReconcile({ last, drift }: { last: Health['lastReconcile']; drift: readonly Drift[] }) {
  return (
    <section class="panel" aria-labelledby="reconcile">
      <h2 id="reconcile">Last comparison with Stripe</h2>
      {last === null ? (
        <p class="empty">
          None yet. It is made every night, and by <code>dues reconcile</code>.
        </p>
      ) : (
        <>
          <p>
            {last.at && <time datetime={last.at}>{formatMinute(new Date(last.at))} UTC</time>}: {last.compared}{' '}
            compared, {last.drifted === 0 ? 'none differed.' : `${last.drifted} differed.`}
          </p>
          {last.unowned + last.unknown > 0 && (
            <p class="why">
              {last.unowned + last.unknown === 1
                ? 'A live subscription belongs'
                : `${last.unowned + last.unknown} live subscriptions belong`}{' '}
              to nobody whom the club knows: <code>dues reconcile</code> lists what to do.
            </p>
          )}
        </>
      )}
      {drift.length > 0 && (
        <ul class="drift">
          {drift.map(({ kind, object, difference, mended }) => (
            <li>
              <span>
                <strong>{kind}</strong> <code>{object}</code> {!mended && <Tag tone="warn">Not mended</Tag>}
              </span>
              {Object.entries(difference).map(([column, { mirror, stripe }]) => (
                <span class="dim">
                  {column.replaceAll('_', ' ')}: <code>{short(mirror)}</code>, at Stripe <code>{short(stripe)}</code>
                </span>
              ))}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
