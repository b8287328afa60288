import { formatMinute } from './format.ts'

/** Stripe Local's time, and two buttons that move it on. */
export function TimeBar({ now, path }: { now: Date; path: string }) {
  return (
    <aside class="time-bar" aria-label="Stripe Local's time">
      <form class="wrap" method="post" action="/time">
        <p>
          <span class="label">Stripe Local</span>
          <time datetime={now.toISOString()}>{formatMinute(now)} UTC</time>
        </p>
        <input type="hidden" name="back" value={path} />
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
