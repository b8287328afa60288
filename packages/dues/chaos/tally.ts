/** What happened how often, for the table at the end: a run in which no fault struck has proved little. */
export type Tally = {
  count(what: string, times?: number): void
  of(what: string): number
  toString(): string
}

export function createTally(): Tally {
  const counts = new Map<string, number>()
  return {
    count: (what, times = 1) => void counts.set(what, (counts.get(what) ?? 0) + times),
    of: (what) => counts.get(what) ?? 0,
    toString() {
      const groups = new Map<string, string[]>()
      for (const [what, times] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const [group = '', name = ''] = what.split(': ')
        groups.set(group, [...(groups.get(group) ?? []), `${name} ${times}`])
      }
      return [...groups].map(([group, names]) => `${group.padEnd(11)} ${names.join(', ')}`).join('\n')
    },
  }
}
