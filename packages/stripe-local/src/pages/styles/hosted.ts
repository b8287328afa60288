/** Checkout, 3D Secure and the invoice page: what the merchant's customers see. */
export const hosted = `
@layer pages {
  .checkout { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; display: grid; gap: 2.5rem; grid-template-columns: minmax(0, 1fr); overflow-wrap: break-word; }
  .checkout .summary { display: grid; gap: 1rem; align-content: start; grid-template-columns: minmax(0, 1fr); }
  .checkout .summary h1 { font-size: 1.0625rem; color: var(--soft); font-weight: 600; }
  .checkout .merchant { font-weight: 600; }
  .back { display: inline-flex; gap: .5rem; text-decoration: none; padding: .25rem 0; }
  .back:hover { text-decoration: underline; }
  .checkout .price { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .625rem; margin-top: -.5rem; }
  .checkout .price strong { font-size: clamp(2rem, 1.6rem + 2vw, 2.75rem); font-weight: 680; letter-spacing: -.02em; line-height: 1.1; }
  .checkout .price span { color: var(--soft); }
  .checkout .later { color: var(--soft); margin-top: -.5rem; }
  .lines { display: grid; gap: 1rem; padding-top: 1.25rem; margin-top: .5rem; border-top: 1px solid var(--line); }
  .lines li { display: flex; justify-content: space-between; gap: 1.5rem; }
  .lines li > :first-child, .totals dt { min-width: 0; overflow-wrap: anywhere; }
  .lines .name { font-weight: 600; }
  .totals { display: grid; gap: .625rem; border-top: 1px solid var(--line); padding-top: 1rem; }
  .totals:empty, .totals:not(:has(div)) { display: none; }
  .totals > div { display: flex; justify-content: space-between; gap: 1.5rem; }
  .totals.due { font-weight: 650; font-size: 1.0625rem; }
  .code {
    display: inline-block; font-family: var(--mono); font-size: .875em; font-weight: 600; padding: .125rem .5rem; margin-inline-end: .5rem;
    border: 1px dashed var(--strong-line); border-radius: var(--small-radius);
  }
  .block { display: block; margin-top: .25rem; font-weight: 400; }
  .inline { display: inline; }
  .row { display: flex; gap: .625rem; }
  .row input { flex: 1; min-width: 0; }
  .quantity { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin-top: .5rem; }
  .quantity input {
    width: 4.5rem; min-height: 2.25rem; padding: .25rem .5rem; background: var(--surface);
    border: 1px solid var(--strong-line); border-radius: var(--small-radius);
  }

  .checkout .pay { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.5rem 1.25rem; box-shadow: var(--shadow); display: grid; gap: 1.25rem; align-content: start; }
  .methods { display: grid; gap: .5rem; }
  .methods .check { border: 1px solid var(--line); border-radius: var(--small-radius); padding: .625rem .75rem; margin-top: .375rem; }
  .methods .check:has(:checked) { border-color: var(--accent); background: var(--accent-wash); }
  .methods .grow { flex: 1; min-width: 0; overflow-wrap: anywhere; }
  .methods .block { margin-top: 0; }
  .offers h2 { font-size: 1rem; }
  .offers { display: grid; gap: .75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
  form:has(#method-card:checked) .only-sepa_debit, form:has(#method-sepa_debit:checked) .only-card { display: none; }

  .picker .choices { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .375rem; margin-top: .5rem; }
  .choice {
    display: flex; gap: .5rem; align-items: center; text-align: start; min-height: 2.25rem; padding: .25rem .625rem; font-size: .8125rem;
    background: none; border: 1px solid var(--line); border-radius: var(--small-radius);
  }
  .choice:hover { background: var(--sunken); border-color: var(--strong-line); }
  .choice[aria-pressed="true"] { background: var(--accent-wash); border-color: var(--accent); }
  .choice .outcome { flex: 1; }
  .choice .id { color: var(--soft); overflow-wrap: normal; }
  .dot { flex: none; width: .5rem; height: .5rem; border-radius: 50%; background: var(--soft); }
  .dot.good { background: var(--good); }
  .dot.wait { background: var(--wait); }
  .dot.bad { background: var(--bad); }

  .invoice { max-width: 40rem; margin: 0 auto; padding: 2rem 1.25rem 2.5rem; display: grid; gap: 1rem; }
  .invoice h1 { font-size: 1.875rem; letter-spacing: -.01em; }
  .invoice .facts > div { padding-inline: 0; border: 0; }
  .lines.first { border-top: 0; margin-top: 0; padding-top: 0; }
  .totals .last { font-weight: 650; border-top: 1px solid var(--line); padding-top: .625rem; }
  .inside { padding-top: 1rem; }
  .facts .block { margin-top: 0; }

  .bank { max-width: 27rem; }
  .bank .card { box-shadow: var(--shadow); }
  .bank h1 { font-size: 1.5rem; }
  .bank-name { font-weight: 700; }
  .bank-name::before {
    content: ""; display: inline-block; width: 1.5rem; height: 1.5rem; border-radius: 50%; margin-inline-end: .5rem; vertical-align: -.375rem;
    background: conic-gradient(var(--accent) 0 75%, var(--ochre) 0);
  }
  .bank .facts { border-block: 1px solid var(--line); padding-block: .375rem; }
  .bank .facts > div { padding-inline: 0; }

  .developer { text-align: center; font-size: .8125rem; padding: 0 1.25rem 2rem; }
  .developer a { color: var(--soft); }

  @media (min-width: 56rem) {
    .checkout { grid-template-columns: minmax(0, 1fr) minmax(0, 28rem); gap: 4.5rem; padding-block: 3.5rem; }
    .checkout .pay { padding: 2rem; }
    .checkout .summary { position: sticky; top: 2rem; }
  }
}
`
