import { formatMinute } from './format.ts'

/** Stripe's time, where it can be moved, and the page where one sees everything that Stripe knows. */
export type Clock = { now(): Date; readonly dashboardUrl: string }

/** Stripe Local's time, and two buttons that move it on. */
export function TimeBar({ clock, back }: { clock: Clock; back: string }) {
  const now = clock.now()
  return (
    <aside class="time-bar" aria-label="Stripe Local's time">
      <form class="wrap" method="post" action="/time">
        <p>
          <a class="label" href={clock.dashboardUrl}>
            Stripe Local
          </a>
          <time datetime={now.toISOString()}>{formatMinute(now)} UTC</time>
        </p>
        <input type="hidden" name="back" value={back} />
        <div class="buttons">
          <button type="submit" name="step" value="day">
            A day on
          </button>
          <button type="submit" name="step" value="month">
            A month on
          </button>
        </div>
      </form>
    </aside>
  )
}
