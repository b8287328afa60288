import { formatMoney } from '../../engine/money.ts'

/** An amount in minor units, as people write it: `$19.00`. */
export const money = (amount: number | string | null | undefined, currency: string | null | undefined): string =>
  amount === null || amount === undefined ? '—' : formatMoney(amount, currency ?? 'usd')

const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
const times = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC',
})

/** `10 November 2025`, in UTC. */
export const date = (time: number): string => dates.format(time * 1000)

/** `10 Nov 2025, 14:03:20`, in UTC. */
export const dateTime = (time: number): string => times.format(time * 1000)

/** `1 item`, `2 items`. */
export const count = (number: number, noun: string, plural = `${noun}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`
