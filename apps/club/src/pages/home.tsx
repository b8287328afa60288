import type { Visitor } from '../http/context.ts'
import { type PlanCode, planCodes, plans, selling } from '../plans.ts'
import { priceOf } from '../ui/membership-words.ts'
import { Sheet } from '../ui/parts.tsx'

/** Sheets on show, drawn like any other. */
export const gallery = [
  { slug: 'aldermoor', name: 'Aldermoor', character: 'highland', by: 'for a crime novel in three valleys' },
  { slug: 'skerrow', name: 'Skerrow', character: 'island', by: 'for a board game about lighthouse keepers' },
  { slug: 'ellerdale', name: 'Ellerdale', character: 'vale', by: 'for the endpapers of a family saga' },
  { slug: 'inch-varn', name: 'Inch Varn', character: 'island', by: 'for a radio play with a ferry in it' },
] as const

export function Home({ visitor }: { visitor: Visitor | null }) {
  const [hero, ...others] = gallery
  return (
    <>
      <section class="hero wrap">
        <div class="hero-text">
          <h1>Survey sheets of country that does not exist</h1>
          <p class="lead">
            Name a place and Trigpoint surveys it: relief, water, summits and farms, drawn as a proper map sheet. For
            novelists, game makers and illustrators who want ground under the story.
          </p>
          <p class="actions">
            {visitor ? (
              <a class="button" href="/members">
                Open the drawing office
              </a>
            ) : (
              <a class="button" href="/sign-up">
                Draw your first sheet
              </a>
            )}
            <a class="button quiet" href="/pricing">
              See the plans
            </a>
          </p>
        </div>
        <Sheet
          eager
          src={`/sheets/${hero.slug}.svg?frame`}
          alt={`Contour map of ${hero.name}, an invented highland with three valleys, two lakes and six named summits`}
        />
      </section>

      <section class="wrap ways" aria-labelledby="ways">
        <h2 id="ways">A name is enough to begin</h2>
        <ol>
          <li>
            <p class="height" aria-hidden="true">
              1
            </p>
            <h3>Name the place</h3>
            <p>
              And say what it is like: highland, island, moor or vale. The same name always gives the same ground, so a
              place stays put between drafts.
            </p>
          </li>
          <li>
            <p class="height" aria-hidden="true">
              2
            </p>
            <h3>Read the sheet</h3>
            <p>
              Contours at true intervals, streams that run downhill, farms where somebody would have built. Six
              kilometres by four, on a kilometre grid.
            </p>
          </li>
          <li>
            <p class="height" aria-hidden="true">
              3
            </p>
            <h3>Take it with you</h3>
            <p>
              Print from SVG at any size, or carry the contours as GeoJSON into the mapping program that you use
              already.
            </p>
          </li>
        </ol>
      </section>

      <section class="wrap gallery" aria-labelledby="gallery">
        <h2 id="gallery">Lately in the drawing office</h2>
        <div class="three">
          {others.map(({ slug, name, character, by }) => (
            <Sheet
              src={`/sheets/${slug}.svg`}
              alt={`Contour map of ${name}, an invented ${character}`}
              caption={
                <>
                  <strong>{name}</strong>, {by}
                </>
              }
            />
          ))}
        </div>
      </section>

      <section class="wrap plans-strip" aria-labelledby="plans">
        <div>
          <h2 id="plans">Free for one book. Nineteen dollars for a shelf.</h2>
          <p>
            Every plan draws the same sheets. You pay for how many, for taking them with you, and for drawing together.
          </p>
          <p>
            <a href="/pricing">Compare the plans</a>
          </p>
        </div>
        <dl>
          {planCodes.map((code) => (
            <div>
              <dt>{plans[code].name}</dt>
              <dd>
                {selling[code][0]}
                <span>{startingPrice(code)}</span>
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  )
}

const startingPrice = (code: PlanCode) => (code === 'free' ? '$0' : priceOf(code, 'monthly'))
