import type { Context } from '../context.ts'
import type { TransitionType } from '../mirror/types.ts'

/** Between the two clicks of a double click there is less; between two wishes there is more. */
export const aMoment = 60

/**
 * Whether a change that somebody asks for was made a moment ago. The browser shows the answer to the second of two clicks, and that must
 * not be a refusal of what the first has done.
 *
 * @param since Unix seconds; a minute ago unless told
 */
export async function wasJustDone(
  { mirror, now }: Context,
  owner: string,
  type: TransitionType,
  since: number = now() - aMoment,
): Promise<boolean> {
  const transitions = await mirror.transitionsOf(owner)
  return transitions.some((transition) => transition.type === type && transition.at >= since)
}
