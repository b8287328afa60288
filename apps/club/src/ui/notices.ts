/** What the account page says after something was done; the query says what it was. */
export function billingNotice(query: Record<string, string | undefined>): string | null {
  return notices[query.notice ?? ''] ?? null
}

const notices: Record<string, string> = {
  switched: 'Your plan was changed.',
  cancelled: 'Your membership was cancelled.',
  ended: 'Your membership has ended.',
  resumed: 'Welcome back: your membership goes on.',
}
