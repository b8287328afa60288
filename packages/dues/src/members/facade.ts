import type { Plans } from '../catalogue/plans.ts'
import type { Context } from '../context.ts'
import type { Answers } from '../entitlements/membership.ts'
import type { Member, Owner } from '../entitlements/types.ts'
import { DuesError } from '../errors.ts'
import { namesOf } from '../store/members.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { wantedOf } from './filter.ts'
import { firstWay, search } from './search.ts'
import type { MembersFacade } from './types.ts'

const longestPage = 200

/** `dues.members` */
export function membersFacade<P extends Plans>(
  context: Context,
  memberOf: (owner: Owner, answers: Answers) => Member<P>,
): MembersFacade<P> {
  return {
    async where(filter = {}, { limit = 50, cursor = null } = {}) {
      const wanted = wantedOf(filter, context.catalogue)
      if (!Number.isInteger(limit) || limit < 1 || limit > longestPage)
        throw new DuesError('bad_request', `A page has 1 to ${longestPage} members: ${limit} cannot be given.`)
      const from = cursor === null ? firstWay(context, wanted) : readCursor(cursor)
      const { found, next } = await search(context, wanted, { from, limit })
      const names = await namesOf(
        context.database,
        found.map(({ owner }) => owner),
      )
      const owners = new Map(names.map((owner) => [owner.id, owner]))
      return {
        members: found.map(({ owner, answers }) => memberOf(owners.get(owner) ?? { id: owner }, answers)),
        next: next && writeCursor(next),
      }
    },
  }
}
