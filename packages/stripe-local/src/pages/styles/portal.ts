/** The customer portal. */
export const portal = `
@layer pages {
  .portal { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1.25rem 2.5rem; display: grid; gap: 1.25rem; }
  .portal main { display: grid; gap: 1.5rem; }
  .portal h1 { font-size: 1.75rem; }
  .part { display: grid; gap: .75rem; }
  .plan-price { font-size: 1.375rem; font-weight: 650; }
  .rows > li { display: flex; flex-wrap: wrap; gap: .375rem 1rem; align-items: center; justify-content: space-between; padding: .75rem 1rem; border-bottom: 1px solid var(--line); }
  .rows > li:last-child { border-bottom: 0; }
  .rows .grow { flex: 1; }
  .owed { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; justify-content: space-between; align-items: center; }
  .plans { display: grid; gap: .625rem; }
  .plan-choice { display: grid; grid-template-columns: auto 1fr auto; gap: .25rem .875rem; align-items: center; padding: .875rem 1rem; cursor: pointer; }
  .plan-choice input { width: 1.125rem; height: 1.125rem; accent-color: var(--accent); }
  .plan-choice:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
  .plan-choice:hover { border-color: var(--strong-line); }
  @media (max-width: 30rem) { .rows .grow { display: none; } .plan-choice { grid-template-columns: auto 1fr; } .plan-choice .amount { grid-column: 2; text-align: start; } }
}
`
