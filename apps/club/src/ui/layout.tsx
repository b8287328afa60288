import type { Child } from 'hono/jsx'
import type { Visitor } from '../http/context.ts'
import { support } from '../plans.ts'
import { Mark } from './mark.tsx'
import { MemberBanner } from './member-banner.tsx'
import { type Clock, TimeBar } from './time-bar.tsx'

export type LayoutProps = {
  title: string
  description?: string
  path: string
  back: string
  visitor: Visitor | null
  /** Stripe's time, where it can be moved. */
  clock: Clock | null
  stylesheet: string
  children?: Child
}

/** The frame of every page. */
export function Layout({ title, description, path, back, visitor, clock, stylesheet, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === 'Trigpoint' ? 'Trigpoint: survey sheets of invented country' : `${title} · Trigpoint`}</title>
        {description && <meta name="description" content={description} />}
        <link rel="preload" href="/assets/cabin.woff2" as="font" type="font/woff2" crossorigin="" />
        <link rel="stylesheet" href={stylesheet} />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      </head>
      <body class={clock ? 'has-time-bar' : undefined}>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <Header path={path} visitor={visitor} />
        {visitor && <MemberBanner member={visitor.member} path={path} />}
        <main id="main" tabindex={-1}>
          {children}
        </main>
        <Footer />
        {clock && <TimeBar clock={clock} back={back} />}
      </body>
    </html>
  )
}

function Header({ path, visitor }: { path: string; visitor: Visitor | null }) {
  return (
    <header class="site-header">
      <div class="wrap">
        <a class="brand" href="/" aria-label="Trigpoint, home">
          <Mark />
          <span>Trigpoint</span>
        </a>
        <nav aria-label="Main" class={visitor ? (visitor.staff ? 'member staff' : 'member') : undefined}>
          <Tab href="/pricing" path={path}>
            Pricing
          </Tab>
          {visitor ? (
            <>
              <Tab href="/members" path={path}>
                Drawing office
              </Tab>
              <Tab href="/account" path={path}>
                Account
              </Tab>
              {visitor.staff && (
                <Tab href="/staff" path={path}>
                  Staff
                </Tab>
              )}
              <form method="post" action="/sign-out">
                <button class="plain" type="submit">
                  Sign out
                </button>
              </form>
            </>
          ) : (
            <>
              <Tab href="/sign-in" path={path}>
                Sign in
              </Tab>
              <a class="button small" href="/sign-up">
                Join
              </a>
            </>
          )}
        </nav>
      </div>
    </header>
  )
}

function Tab({ href, path, children }: { href: string; path: string; children: Child }) {
  const here = path.split('?')[0] === href
  const inside = path.startsWith(`${href}/`)
  return (
    <a class={here || inside ? 'tab here' : 'tab'} href={href} aria-current={here ? 'page' : undefined}>
      {children}
    </a>
  )
}

function Footer() {
  return (
    <footer class="site-footer">
      <div class="wrap">
        <p class="brand small">
          <Mark />
          <span>Trigpoint</span>
        </p>
        <p>
          Questions? Write to <a href={`mailto:${support}`}>{support}</a>. A person answers.
        </p>
        <nav aria-label="Footer">
          <a href="/pricing">Pricing</a>
          <a href="/members">Drawing office</a>
          <a href="/account">Account</a>
        </nav>
      </div>
    </footer>
  )
}
