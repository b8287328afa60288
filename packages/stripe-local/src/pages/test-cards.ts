/** A test card that pages offer, and what comes of it. */
export type OfferedCard = { number: string; outcome: string; tone: 'good' | 'wait' | 'bad' }

/** The cards that people reach for most; any other test card of https://docs.stripe.com/testing can be typed. */
export const offeredCards: readonly OfferedCard[] = [
  { number: '4242424242424242', outcome: 'Pays', tone: 'good' },
  { number: '4000002500003155', outcome: '3D Secure once', tone: 'wait' },
  { number: '4000002760003184', outcome: '3D Secure always', tone: 'wait' },
  { number: '4000000000000341', outcome: 'Saved, then fails', tone: 'bad' },
  { number: '4000000000000002', outcome: 'Declined', tone: 'bad' },
  { number: '4000000000009995', outcome: 'Too little money', tone: 'bad' },
  { number: '4000000000000069', outcome: 'Expired', tone: 'bad' },
  { number: '4000000000000127', outcome: 'Wrong code', tone: 'bad' },
]

/** IBANs of https://docs.stripe.com/payments/sepa-debit/accept-a-payment, and what comes of a debit. */
export const offeredAccounts: readonly OfferedCard[] = [
  { number: 'DE89370400440532013000', outcome: 'Pays in seconds', tone: 'good' },
  { number: 'DE08370400440532013003', outcome: 'Pays in minutes', tone: 'wait' },
  { number: 'DE62370400440532013001', outcome: 'Fails in seconds', tone: 'bad' },
]

/** `4242 4242 4242 4242`: a number in groups of four, as it stands on a card. */
export const grouped = (number: string): string => number.replace(/(.{4})(?=.)/g, '$1 ')
