/** What the account page says after something was done; the query says what it was. */
export function billingNotice(query: Record<string, string | undefined>): string | null {
  return notices[query.notice ?? ''] ?? null
}

const notices: Record<string, string> = {
  switched: 'Your membership was changed.',
  planned: 'Your membership will change. You can take it back on this page until then.',
  undone: 'Taken back: your plan goes on as it is.',
  paused: 'Your membership is paused. Nothing is charged until you go on.',
  unpaused: 'Welcome back: your membership goes on from today.',
  back: 'Welcome back: your membership begins again today.',
  cancelled: 'Your membership was cancelled.',
  ended: 'Your membership has ended.',
  resumed: 'Welcome back: your membership goes on.',
  cardAdded: 'Your card was saved. It pays your membership from now on.',
  cardNotAdded: 'No card was saved: that page was not finished.',
  cardDeclined: 'Your card was saved, but the payment that is due was declined. Try another card, or ask your bank.',
  cardDefault: 'This card pays your membership from now on.',
  cardRemoved: 'The card was removed.',
  paid: 'Thank you: it is paid, and your membership goes on.',
}
