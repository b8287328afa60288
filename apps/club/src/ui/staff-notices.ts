/** What a page for staff says after something was done; the query says what it was. */
export function staffNotice({ notice = '' }: Record<string, string | undefined>): string | null {
  return Object.hasOwn(notices, notice) ? (notices[notice] ?? null) : null
}

const notices: Record<string, string> = {
  refunded: 'The money is on its way back to the card.',
  ends: 'The membership is set to end. It can be taken back until then.',
  ended: 'The membership has ended.',
  resumed: 'The cancellation is taken back: the membership goes on.',
  undone: 'The planned change is dropped: the plan goes on as it is.',
  given: 'The plan is given.',
  givenBefore: 'That was given already.',
  takenBack: 'The grant has ended.',
  replayed: 'Replayed. What fails again is here again in a moment, with its reason.',
  revived: 'It is tried again now.',
  gone: 'That is not there any more: somebody else was quicker, or it has been done.',
}
