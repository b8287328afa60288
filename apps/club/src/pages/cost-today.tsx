import type { ChangePreview } from 'dues'
import { formatAmount } from '../ui/format.ts'
import { Day } from '../ui/parts.tsx'

type Shown = Pick<ChangePreview, 'when' | 'currency' | 'lines' | 'credit' | 'dueToday' | 'creditLeft' | 'nextInvoice'>

/** What a change costs today, line by line, and what comes after it. `ends`: the membership is cancelled, and the change does not take that back. */
export function CostToday({ preview, ends = false }: { preview: Shown; ends?: boolean }) {
  const { when, currency, lines, credit, dueToday, creditLeft, nextInvoice } = preview
  const waits = when === 'periodEnd'
  // Of one line alone the sum would be the same amount once more, and look as if it were taken off twice.
  const givesBackInSeveral = lines.filter(({ amount }) => amount < 0).length > 1
  return (
    <>
      <section class="receipt" aria-label="What it costs today">
        <table>
          <caption class="hidden">What it costs today</caption>
          <tbody>
            {lines.map((line) => (
              <tr>
                <th scope="row">{line.description}</th>
                <td>{formatAmount(line.amount, currency)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            {credit > 0 && givesBackInSeveral && (
              <tr class="minor">
                <th scope="row">Of that, credit for time you have not used</th>
                <td>{formatAmount(-credit, currency)}</td>
              </tr>
            )}
            <tr class="total">
              <th scope="row">Due today</th>
              <td>{formatAmount(dueToday, currency)}</td>
            </tr>
            {creditLeft > 0 && (
              <tr class="minor">
                <th scope="row">{ends ? 'Credit, should you come back' : 'Credit left for your next invoices'}</th>
                <td>{formatAmount(creditLeft, currency)}</td>
              </tr>
            )}
          </tfoot>
        </table>
      </section>
      {nextInvoice && (
        <p class="aside">
          Your next invoice{waits ? '' : ' after that'} is {formatAmount(nextInvoice.amount, currency)} on{' '}
          <Day date={nextInvoice.at} />.{creditLeft > 0 && ' Your credit pays for it first.'}
        </p>
      )}
    </>
  )
}
