import fc from 'fast-check'

/** What people do, and what happens to them. `owner` and `process` are numbers from 0. */
export type Action =
  /** Starts a Checkout; twice: in two tabs at once, each at another process. */
  | { do: 'checkout'; owner: number; plan: Plan; twice: boolean }
  /** Pays on Stripe's page a Checkout that was handed out: 0 is the newest. Whoever does not is one who went away. */
  | { do: 'pay'; owner: number; card: Card; back: number; twice: boolean }
  /** Comes to the success page of the newest Checkout. */
  | { do: 'success'; owner: number }
  | { do: 'switch'; owner: number; plan: Plan; twice: boolean; again?: boolean }
  | { do: 'undoSwitch'; owner: number }
  | { do: 'pause'; owner: number }
  | { do: 'unpause'; owner: number; twice: boolean }
  /** Buys again without a Checkout, with the card that is known. `again`: whoever is not answered asks for the same once more. */
  | { do: 'comeBack'; owner: number; plan: Plan; twice: boolean; again?: boolean }
  | { do: 'cancel'; owner: number; when: 'now' | 'periodEnd' }
  | { do: 'resume'; owner: number }
  | { do: 'atStripe'; owner: number; what: AtStripe }
  | { do: 'advance'; seconds: number }
  /** A process dies, so many boundaries from now. */
  | { do: 'crash'; process: number; after: number }
  /** For this step and the next, the database or Stripe cannot be reached. */
  | { do: 'outage'; of: 'database' | 'stripe' }
  | { do: 'reconcile' }
  | { do: 'readEvents' }

export type Plan = 'pro monthly' | 'pro yearly' | 'ent monthly'
/** On Stripe's page: it pays, it is declined, it pays the first time and fails at the renewal. */
export type Card = 'good' | 'declined' | 'failsLater'

/** What somebody does in the dashboard, in the customer portal or by the API, and Dues hears of by events alone. */
export type AtStripe =
  | 'flicker'
  | 'overtake'
  | 'changeMind'
  | 'subscribeAgain'
  | 'mend'
  | 'breakCard'
  | 'cancelAt'
  | 'cancelAtPeriodEnd'
  | 'noEnd'
  | 'cancelNow'
  | 'price'
  | 'pauseCollection'
  | 'resumeCollection'
  | 'rename'
  | 'tag'
  | 'refund'
  | 'deleteCustomer'

/** `wait`: the next step begins only when this one is over. `deliver`: the share of what waits to be delivered that is, meanwhile. */
export type Step = { action: Action; wait: boolean; deliver: number }

/** Chances: of a delivery, of a statement, of a call to Stripe, of a hook. */
export type Faults = {
  duplicate: number
  truncate: number
  drop: number
  statement: number
  call: number
  /** Of a call whose answer comes only when one that was asked later has been answered. */
  slow: number
  hook: number
}

/** `found`: by what whatever was lost is found in the end: the whole reconcile, or the list of events alone, which goes back thirty days. */
export type Program = {
  seed: number
  owners: number
  thin: boolean
  found: 'reconcile' | 'readEvents'
  faults: Faults
  steps: Step[]
}

const day = 86_400
const plan = fc.constantFrom<Plan>('pro monthly', 'pro yearly', 'ent monthly')
const rarely = fc.integer({ min: 0, max: 4 }).map((n) => n === 4)

function actionOf(owners: number): fc.Arbitrary<Action> {
  const owner = fc.nat({ max: owners - 1 })
  const process = fc.nat({ max: 1 })
  const action = <Name extends Action['do']>(
    name: Name,
    fields: {
      [Field in Exclude<keyof Extract<Action, { do: Name }>, 'do'>]-?: fc.Arbitrary<
        Extract<Action, { do: Name }>[Field]
      >
    },
  ) => fc.record({ do: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<Action>
  return fc.oneof(
    { weight: 5, arbitrary: action('checkout', { owner, plan, twice: rarely }) },
    {
      weight: 6,
      arbitrary: action('pay', {
        owner,
        card: fc.constantFrom<Card>('good', 'good', 'good', 'failsLater', 'declined'),
        back: fc.constantFrom(0, 0, 1),
        twice: rarely,
      }),
    },
    { weight: 2, arbitrary: action('success', { owner }) },
    { weight: 4, arbitrary: action('switch', { owner, plan, twice: fc.boolean(), again: fc.boolean() }) },
    { weight: 1, arbitrary: action('undoSwitch', { owner }) },
    { weight: 1, arbitrary: action('pause', { owner }) },
    { weight: 1, arbitrary: action('unpause', { owner, twice: rarely }) },
    { weight: 2, arbitrary: action('comeBack', { owner, plan, twice: fc.boolean(), again: fc.boolean() }) },
    { weight: 3, arbitrary: action('cancel', { owner, when: fc.constantFrom('now', 'periodEnd', 'periodEnd') }) },
    { weight: 2, arbitrary: action('resume', { owner }) },
    {
      weight: 6,
      arbitrary: action('atStripe', {
        owner,
        what: fc.constantFrom<AtStripe>(
          ...([
            'mend',
            'breakCard',
            'cancelAt',
            'cancelAtPeriodEnd',
            'noEnd',
            'cancelNow',
            'price',
            'pauseCollection',
            'subscribeAgain',
            'flicker',
            'flicker',
            'overtake',
            'overtake',
            'changeMind',
            'changeMind',
          ] as const),
          ...(['resumeCollection', 'rename', 'tag', 'refund', 'deleteCustomer'] as const),
        ),
      }),
    },
    {
      weight: 4,
      arbitrary: action('advance', { seconds: fc.constantFrom(1, 1, 2, 5, day, 2 * day, 8 * day, 32 * day) }),
    },
    { weight: 3, arbitrary: action('crash', { process, after: fc.nat({ max: 40 }) }) },
    { weight: 1, arbitrary: action('outage', { of: fc.constantFrom('database', 'stripe') }) },
    { weight: 1, arbitrary: fc.constant<Action>({ do: 'reconcile' }) },
    { weight: 1, arbitrary: fc.constant<Action>({ do: 'readEvents' }) },
  )
}

const size = (longest: number) => ({ minLength: 1, maxLength: longest, size: 'max' }) as const

const aStep = (action: fc.Arbitrary<Action>): fc.Arbitrary<Step> =>
  fc.record({ action, wait: rarely.map((not) => !not), deliver: fc.constantFrom(0, 0.5, 1) })

/** Left to luck alone few would ever be members: one at least begins by it. */
const joining = (owners: number[]): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      ...owners.map((owner) =>
        fc.tuple(
          aStep(fc.record({ do: fc.constant('checkout'), owner: fc.constant(owner), plan, twice: fc.boolean() })),
          aStep(fc.constant<Action>({ do: 'pay', owner, card: 'good', back: 0, twice: false })),
          aStep(fc.constant<Action>({ do: 'success', owner })),
          aStep(fc.constantFrom<Action>({ do: 'success', owner }, { do: 'atStripe', owner, what: 'overtake' })),
        ),
      ),
    )
    .map((joined) => joined.flat())

/**
 * What only shows at the end, since what comes after it hides it: two answers that cross, and a purchase that is made twice. Few would come to it
 * by luck, and to it as a member, so it begins with joining.
 */
const finale = (owners: number): fc.Arbitrary<Step[]> => {
  const death = fc.record({
    do: fc.constant('crash' as const),
    process: fc.nat({ max: 1 }),
    after: fc.nat({ max: 40 }),
  })
  const last = (owner: number): fc.Arbitrary<Action[]> =>
    fc.oneof(
      fc.constant<Action[]>([{ do: 'atStripe', owner, what: 'overtake' }]),
      fc
        .record({ plan, twice: fc.boolean(), crash: fc.option(death) })
        .map(({ plan, twice, crash }): Action[] => [
          { do: 'cancel', owner, when: 'now' },
          ...(crash ? [crash] : []),
          { do: 'comeBack', owner, plan, twice, again: true },
        ]),
    )
  const lasting = fc
    .nat({ max: owners - 1 })
    .chain((owner) => fc.tuple(joining([owner]), last(owner)))
    .map(([joined, actions]) => [...joined, ...actions.map((action) => ({ action, wait: true, deliver: 0 }))])
  return fc.oneof({ weight: 1, arbitrary: fc.constant<Step[]>([]) }, { weight: 3, arbitrary: lasting })
}

/** A fault is absent in about half of all programs, so that each of them is also seen alone. */
const chance = (...of: number[]) => fc.constantFrom(0, 0, ...of)

export type ProgramLimits = { longest?: number; losses?: boolean }

/** Any program. Without `losses` every event is delivered in the end. */
export function aProgram({ longest = 24, losses = true }: ProgramLimits = {}): fc.Arbitrary<Program> {
  return fc.integer({ min: 1, max: 3 }).chain((owners) =>
    fc.record({
      seed: fc.nat(),
      owners: fc.constant(owners),
      thin: rarely,
      found: fc.constantFrom('reconcile', 'readEvents'),
      faults: fc.record({
        duplicate: chance(0.3, 1),
        truncate: chance(0.2),
        drop: losses ? chance(0.2, 0.7) : fc.constant(0),
        statement: chance(0.01, 0.05),
        call: chance(0.1, 0.3),
        slow: chance(0.1, 0.4),
        hook: chance(0.3),
      }),
      steps: fc
        .tuple(
          fc.subarray([...Array(owners).keys()], { minLength: 1 }).chain(joining),
          fc.array(aStep(actionOf(owners)), size(longest)),
          finale(owners),
        )
        .map(([joined, steps, last]) => [...joined, ...steps, ...last]),
    }),
  )
}

/** A program in few words, one line a step. */
export function describeProgram({ seed, owners, thin, found, faults, steps }: Program): string {
  const present = Object.entries(faults).flatMap(([name, value]) => (value > 0 ? [`${name} ${value}`] : []))
  const head = `seed ${seed}, ${owners} owner(s)${thin ? ', thin events as well' : ''}, faults: ${present.join(', ') || 'none'}; what is lost is found by ${found}`
  const lines = steps.map(({ action: { do: name, ...rest }, wait, deliver }, index) => {
    const words = Object.entries(rest).map(([key, value]) => (typeof value === 'string' ? value : `${key} ${value}`))
    return `${index + 1}. ${[name, ...words].join(' · ')}${wait ? '' : ' · goes on at once'}${deliver > 0 ? ` · delivers ${deliver}` : ''}`
  })
  return [head, ...lines].join('\n')
}
