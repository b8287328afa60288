import type { Usage } from 'dues'
import { Day } from './parts.tsx'

/** How much of something is left in this period, as a number and as a bar. */
export function Allowance({ id, what, usage }: { id: string; what: { one: string; many: string }; usage: Usage }) {
  const { used, limit, remaining, resetsAt } = usage
  const bounded = Number.isFinite(limit)
  return (
    <>
      <p class="usage" id={id}>
        <strong>{bounded ? remaining : used}</strong>{' '}
        {bounded ? `of ${limit} ${limit === 1 ? what.one : what.many} left` : `${what.many}, and no limit`}
        {remaining > 0 && bounded && resetsAt && (
          <span class="dim">
            {' '}
            until <Day date={resetsAt} short />
          </span>
        )}
      </p>
      {bounded && <meter min={0} max={limit} value={remaining} aria-labelledby={id} />}
    </>
  )
}
