import { type Interval, intervalNoun } from '../catalogue/plans.ts'
import type { CompletedCheckout } from '../checkout/types.ts'
import { formatMoney } from '../money.ts'
import type { Paths } from '../options.ts'

/** What of a completed Checkout the page tells, whatever the app's plans are called. */
type Bought = Pick<CompletedCheckout, 'outcome' | 'amountTotal' | 'currency' | 'trialEndsAt' | 'renewsAt'> & {
  readonly interval: Interval | null
}

/**
 * The plain pages that Dues shows where the app gives none of its own: readable on a phone, by a screen reader, in the dark. They load
 * nothing from anywhere.
 */
export function successPage({ checkout, planName, paths }: { checkout: Bought; planName: string; paths: Paths }) {
  const { outcome, amountTotal, currency, interval, trialEndsAt, renewsAt } = checkout
  if (outcome === 'open' || outcome === 'expired')
    return page('This Checkout was not finished', ['Nothing was charged.'], [['Back to the plans', paths.pricing]])
  if (outcome === 'processing')
    return page(
      'Your payment is on its way',
      [
        `Some ways of paying take a few days. ${planName} opens as soon as the money is there; there is nothing left to do.`,
      ],
      [['Go to your account', paths.account]],
    )
  const bought = interval ? `${planName}, by the ${intervalNoun[interval]}` : planName
  const paid = `${formatMoney({ amount: amountTotal, currency })} was charged.`
  const said = trialEndsAt
    ? `Your trial runs until ${day(trialEndsAt)}. Nothing was charged today.`
    : `${paid}${renewsAt ? ` It renews on ${day(renewsAt)}.` : ''}`
  return page('Thank you', [`You have ${bought}.`, said], [['Go to your account', paths.account]])
}

export const cancelledPage = ({ paths }: { paths: Paths }): string =>
  page(
    'Nothing was charged',
    ['You left the Checkout before paying. You can go on whenever you like.'],
    [['Back to the plans', paths.pricing]],
  )

export function errorPage({
  message,
  payUrl,
  paths,
}: {
  message: string
  payUrl: string | null
  paths: Paths
}): string {
  const pay: [string, string][] = payUrl ? [['Pay on Stripe’s page', payUrl]] : []
  return page(
    'That did not work',
    [message],
    [...pay, ['Go to your account', paths.account], ['See the plans', paths.pricing]],
  )
}

function page(title: string, paragraphs: string[], links: [text: string, href: string][]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem }
h1 { font-size: 1.75rem; line-height: 1.2 }
a { color: inherit; text-underline-offset: .2em; margin-inline-end: 1.5em }
</style>
<main>
<h1>${escapeHtml(title)}</h1>
${paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n')}
<p>${links.map(([text, href]) => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`).join('\n')}</p>
</main>
</html>
`
}

const day = (date: Date): string => new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(date)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign)
