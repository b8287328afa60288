import type { Usage } from 'dues'
import type { Child } from 'hono/jsx'
import type { Print } from '../prints/prints.ts'
import type { Project } from '../projects/projects.ts'
import { characters } from '../sheets/terrain.ts'
import { Allowance } from '../ui/allowance.tsx'
import { Day, Field, Notice, Sheet } from '../ui/parts.tsx'
import { gallery } from './home.tsx'
import { MembersNav } from './members-nav.tsx'

export type OfficeProps = {
  projects: Project[]
  limit: number
  problem?: string | undefined
  name?: string | undefined
}

/** The drawing office: a member's own projects, and a place to begin another. */
export function Office({ projects, limit, problem, name }: OfficeProps) {
  const full = projects.length >= limit
  return (
    <div class="wrap office">
      <MembersNav here="/members" />
      <header class="page-head">
        <h1>Drawing office</h1>
        <p class="lead">{count(projects.length, limit)}</p>
      </header>
      {problem && <Notice tone="warn">{problem}</Notice>}
      {full ? <Full limit={limit} /> : <Begin name={name} first={projects.length === 0} />}
      {projects.length === 0 && <TryOne />}
      {projects.length > 0 && (
        <ul class="three projects">
          {projects.map((project) => (
            <li>
              <a href={`/members/projects/${project.id}`}>
                <Sheet
                  src={`/members/projects/${project.id}/sheet.svg`}
                  alt=""
                  caption={
                    <>
                      <strong>{project.name}</strong>, {project.character}
                    </>
                  }
                />
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function count(number: number, limit: number): string {
  if (number === 0) return 'No project yet. A name is enough to begin.'
  const projects = number === 1 ? '1 project' : `${number} projects`
  return Number.isFinite(limit) ? `${projects} of ${limit}.` : `${projects}, no limit.`
}

function Begin({ name, first }: { name?: string | undefined; first: boolean }) {
  return (
    <form method="post" action="/members/projects" class="begin panel">
      <Field
        label="Name of the place"
        name="name"
        value={name}
        maxlength={60}
        autocomplete="off"
        {...(first && { hint: 'The same name always gives the same ground.' })}
      />
      <fieldset class="choices">
        <legend>Kind of ground</legend>
        {characters.map((character, i) => (
          <label>
            <input type="radio" name="character" value={character} checked={i === 0} />
            <span>{character}</span>
          </label>
        ))}
      </fieldset>
      <button class="button" type="submit">
        Survey it
      </button>
    </form>
  )
}

/** For somebody with an empty page in front of them: a place to begin with. */
function TryOne() {
  return (
    <section class="try" aria-labelledby="try">
      <h2 id="try">Or begin with one of ours</h2>
      <ul class="three">
        {gallery.slice(1).map(({ slug, name, character }) => (
          <li>
            <Sheet src={`/sheets/${slug}.svg`} alt={`Contour map of ${name}, an invented ${character}`} />
            <form method="post" action="/members/projects">
              <input type="hidden" name="name" value={name} />
              <input type="hidden" name="character" value={character} />
              <button class="button quiet small" type="submit">
                Survey {name}
              </button>
            </form>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Full({ limit }: { limit: number }) {
  return (
    <Notice>
      <p>
        All {limit} of your projects are in use. Remove one to begin another, or{' '}
        <a href="/pricing">take a bigger plan</a>.
      </p>
    </Notice>
  )
}

export type ProjectPageProps = {
  project: Project
  mayExport: boolean
  prints: PrintsProps
  /** An order has just been taken. */
  justPrinted: boolean
}

export function ProjectPage({ project, mayExport, prints, justPrinted }: ProjectPageProps) {
  const base = `/members/projects/${project.id}`
  return (
    <div class="wrap project">
      <p class="crumb">
        <a href="/members">Drawing office</a>
      </p>
      <header class="page-head">
        <h1>{project.name}</h1>
      </header>
      <Sheet
        eager
        src={`${base}/sheet.svg?frame`}
        alt={`Contour map of ${project.name}, an invented ${project.character}`}
        caption={`Survey of ${project.name} (${project.character}). Heights in metres, grid of one kilometre.`}
      />
      <div class="project-tools">
        <section aria-labelledby="print">
          <h2 id="print">Have it printed</h2>
          <Printing {...prints} action={`${base}/print`}>
            {justPrinted && (
              <Notice tone="good">{project.name} is in the press. It goes into the post tomorrow.</Notice>
            )}
          </Printing>
        </section>
        <section aria-labelledby="export">
          <h2 id="export">Take it with you</h2>
          {mayExport ? (
            <p class="actions">
              <a class="button" href={`${base}/export.svg`} download>
                Download SVG
              </a>
              <a class="button quiet" href={`${base}/export.geojson`} download>
                Download GeoJSON
              </a>
            </p>
          ) : (
            <p>
              Exporting to SVG and GeoJSON comes with Professional. <a href="/pricing">See the plans</a>.
            </p>
          )}
        </section>
        <section aria-labelledby="remove">
          <h2 id="remove">Remove it</h2>
          <details>
            <summary>Remove this project</summary>
            <form method="post" action={`${base}/remove`}>
              <p>The name and the place in your list go; the ground itself would come back under the same name.</p>
              <button class="button danger" type="submit">
                Remove {project.name}
              </button>
            </form>
          </details>
        </section>
      </div>
    </div>
  )
}

type PrintsProps = {
  usage: Usage
  /** Whether there is a plan with more of them. */
  canHaveMore: boolean
  ordered: readonly Print[]
  order: string
  problem?: string | undefined
}

/** Paper costs something, so that prints are counted: so many a month, by the plan. */
function Printing(props: PrintsProps & { action: string; children: Child }) {
  const { usage, canHaveMore, ordered, order, problem, action, children } = props
  return (
    <div class="printing">
      {children}
      {problem && <Notice tone="warn">{problem}</Notice>}
      <p>On heavy paper, 60 by 42 centimetres, rolled and posted to you.</p>
      <Allowance id="prints-left" what={{ one: 'print', many: 'prints' }} usage={usage} />
      {usage.remaining > 0 ? (
        <form method="post" action={action}>
          <input type="hidden" name="order" value={order} />
          <button class="button" type="submit">
            Order a print
          </button>
        </form>
      ) : (
        <p>
          {usage.resetsAt && (
            <>
              There are more on <Day date={usage.resetsAt} />.{' '}
            </>
          )}
          {canHaveMore && <a href="/pricing">See the plans with more.</a>}
        </p>
      )}
      {ordered.length > 0 && (
        <ol class="ordered">
          {ordered.slice(0, 3).map(({ orderedAt }) => (
            <li>
              Ordered <Day date={orderedAt} />
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}
