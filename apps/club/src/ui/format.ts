import { formatMoney } from 'dues'

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
const minute = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })

/** "7 Dec 2026": where days stand in a column. */
export const formatShortDay = (date: Date): string => shortDay.format(date)

/** "7 December 2026", in UTC as Stripe counts its days. */
export const formatDay = (date: Date): string => day.format(date)

/** "7 Dec 2026, 09:30". */
export const formatMinute = (date: Date): string => minute.format(date)

/** "$19", "$19.50", "−$9.50": an amount in minor units, with a real minus sign. */
export function formatPrice(amount: number, currency: string): string {
  const text = formatMoney({ amount: Math.abs(amount), currency }, { trimZeros: true })
  return amount < 0 ? `−${text}` : text
}

/** "$19.00": as on a receipt, where columns of amounts stand under each other. */
export function formatAmount(amount: number, currency: string): string {
  const text = formatMoney({ amount: Math.abs(amount), currency })
  return amount < 0 ? `−${text}` : text
}
