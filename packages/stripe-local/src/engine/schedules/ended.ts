import type { Account } from '../../account.ts'

/** The schedule of a subscription that was ended is at its end as well. */
export function scheduleEnded(account: Account, id: string, status: 'canceled' | 'completed'): void {
  const schedule = account.get('subscription_schedule', id)
  if (schedule.status !== 'active' && schedule.status !== 'not_started') return
  const ended = account.update('subscription_schedule', id, {
    ...(status === 'canceled' ? { canceled_at: account.now } : { completed_at: account.now }),
    current_phase: null,
    status,
  })
  account.emit(status === 'canceled' ? 'subscription_schedule.canceled' : 'subscription_schedule.completed', ended)
}
