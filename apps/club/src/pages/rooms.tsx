import type { Visitor } from '../http/context.ts'
import { type PlanCode, plans, sales } from '../plans.ts'
import type { Project } from '../projects/projects.ts'
import { nameOf, priceOf } from '../ui/membership-words.ts'
import { Sheet } from '../ui/parts.tsx'
import { MembersNav } from './members-nav.tsx'
import { hasLiveSubscription } from './pricing.tsx'

/** For Professional: how the plates are drawn, and every plate to take along. */
export function PlateRoom({ projects }: { projects: Project[] }) {
  return (
    <div class="wrap room">
      <MembersNav here="/members/pro" />
      <header class="page-head">
        <h1>Plate room</h1>
        <p class="lead">Three things that make invented ground believable, and your plates at full size.</p>
      </header>
      <div class="essays">
        <article>
          <Sheet src="/sheets/aldermoor.svg" alt="A highland whose streams all meet in two lakes" />
          <h2>Water first</h2>
          <p>
            Readers forgive a mountain anywhere. They do not forgive a river that climbs. Put the lakes and the coast
            down before any village, follow each stream to where it must go, and the roads and quarrels will follow by
            themselves.
          </p>
        </article>
        <article>
          <Sheet src="/sheets/long-hest.svg" alt="A moor with wide spaces between its contour lines" />
          <h2>Leave ground empty</h2>
          <p>
            A moor is mostly nothing, and its sheet should be, too. Five named places on six kilometres are many. What
            is far from everything on the sheet will be far from everything in the story.
          </p>
        </article>
        <article>
          <Sheet src="/sheets/skerrow.svg" alt="An island with a steep west coast and a gentle east" />
          <h2>One steep side</h2>
          <p>
            Weather comes from somewhere. Let one coast be cliffs and the other be harbours, one flank walls and the
            other sheep. A place that is different on its two sides has a front and a back, and people live in one of
            them.
          </p>
        </article>
      </div>
      <section class="panel" aria-labelledby="plates">
        <h2 id="plates">Your plates</h2>
        <Plates projects={projects} />
      </section>
    </div>
  )
}

function Plates({ projects }: { projects: Project[] }) {
  if (projects.length === 0) {
    return (
      <p class="empty">
        No project yet. <a href="/members">Begin one in the drawing office</a>, and its plate lies here.
      </p>
    )
  }
  return (
    <ul class="ledger">
      {projects.map(({ id, name, character }) => (
        <li>
          <span>{name}</span>
          <span class="dim">{character}</span>
          <a href={`/members/projects/${id}/export.svg`} download aria-label={`Download ${name} as SVG`}>
            SVG
          </a>
          <a href={`/members/projects/${id}/export.geojson`} download aria-label={`Download ${name} as GeoJSON`}>
            GeoJSON
          </a>
        </li>
      ))}
    </ul>
  )
}

/** For Enterprise: sign-on for the whole house, the archive, and a person. */
export function StudioDesk({ visitor, projects, origin }: { visitor: Visitor; projects: number; origin: string }) {
  const domain = visitor.user.email.split('@')[1] ?? ''
  return (
    <div class="wrap room">
      <MembersNav here="/members/ent" />
      <header class="page-head">
        <h1>Studio desk</h1>
        <p class="lead">For the whole house: one sign-on, one archive, one person who knows your atlas.</p>
      </header>
      <div class="desk">
        <section class="panel" aria-labelledby="sso">
          <h2 id="sso">Single sign-on</h2>
          <p>Give these to whoever runs your directory. It speaks SAML 2.0.</p>
          <dl class="facts code">
            <div>
              <dt>Entity ID</dt>
              <dd>
                <code>{origin}/sso</code>
              </dd>
            </div>
            <div>
              <dt>Reply URL</dt>
              <dd>
                <code>{origin}/sso/acs</code>
              </dd>
            </div>
            <div>
              <dt>Domain</dt>
              <dd>
                <code>{domain}</code>
              </dd>
            </div>
          </dl>
          <p class="fine">
            Send the metadata of your side to <a href={`mailto:${sales}`}>{sales}</a>; we switch it on with you, on a
            call.
          </p>
        </section>
        <section class="panel" aria-labelledby="archive">
          <h2 id="archive">The archive</h2>
          {projects === 0 ? (
            <p class="empty">
              It fills with your projects. <a href="/members">Begin one in the drawing office</a>.
            </p>
          ) : (
            <>
              <p>
                Every contour of {projects === 1 ? 'your one project' : `your ${projects} projects`}, in a single
                GeoJSON file.
              </p>
              <p class="actions">
                <a class="button" href="/members/archive.geojson" download>
                  Download the archive
                </a>
              </p>
            </>
          )}
        </section>
        <section class="panel" aria-labelledby="surveyor">
          <h2 id="surveyor">Your surveyor</h2>
          <p>
            Ines Okafor draws with you: house styles, large commissions, a hand when a coastline will not behave. Write
            to <a href={`mailto:${sales}`}>{sales}</a>.
          </p>
        </section>
      </div>
    </div>
  )
}

export type LockedProps = { room: '/members/pro' | '/members/ent'; opens: PlanCode; visitor: Visitor }

const behind = {
  '/members/pro': {
    title: 'Plate room',
    picture: 'long-hest',
    text: 'Techniques from the drawing office and every one of your sheets as SVG and GeoJSON.',
  },
  '/members/ent': {
    title: 'Studio desk',
    picture: 'inch-varn',
    text: 'Single sign-on for your house, your whole archive in one file, and a surveyor by name.',
  },
} as const

/** A room that this member's plan does not open: what is behind the door, and what would open it. */
export function Locked({ room, opens, visitor }: LockedProps) {
  const { title, text, picture } = behind[room]
  const live = hasLiveSubscription(visitor)
  return (
    <div class="wrap room">
      <MembersNav here={room} />
      <div class="locked">
        <div>
          <h1>{title}</h1>
          <p class="lead">{text}</p>
          <p>
            This room opens with {nameOf(opens)}
            {opens !== 'free' && `, ${priceOf(opens, 'monthly')}`}. You are on {plans[visitor.member.plan].name}.
          </p>
          <p class="actions">
            <a
              class="button"
              href={
                live
                  ? `/switch?plan=${opens}&interval=${visitor.member.interval ?? 'monthly'}`
                  : `/checkout?plan=${opens}&interval=monthly`
              }
            >
              {live ? `Switch to ${nameOf(opens)}` : `Get ${nameOf(opens)}`}
            </a>
            <a class="button quiet" href="/pricing">
              Compare the plans
            </a>
          </p>
        </div>
        <Sheet src={`/sheets/${picture}.svg`} alt="" />
      </div>
    </div>
  )
}
