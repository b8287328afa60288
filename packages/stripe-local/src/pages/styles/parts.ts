/** The parts that pages are put together from. */
export const parts = `
@layer parts {
  .skip { position: absolute; left: -999rem; top: 0; background: var(--surface); padding: .5rem 1rem; z-index: 9; }
  .skip:focus { left: 0; }

  .notice {
    background: var(--notice); color: var(--notice-ink); font-size: .8125rem; text-align: center;
    border-bottom: 1px solid color-mix(in srgb, var(--ochre) 55%, transparent);
  }
  .notice::before {
    content: ""; display: block; height: 6px;
    background: repeating-linear-gradient(-45deg, var(--ochre) 0 12px, light-dark(#1f3557, #0d1015) 12px 24px);
  }
  .notice span { display: block; padding: .4rem 1rem; }

  .button {
    display: inline-flex; align-items: center; justify-content: center; gap: .5rem; min-height: 2.75rem; padding: .5rem 1.125rem;
    border: 1px solid transparent; border-radius: var(--small-radius); background: var(--accent); color: var(--accent-ink);
    font-weight: 600; text-decoration: none; text-align: center;
  }
  .button:hover { background: color-mix(in srgb, var(--accent) 86%, var(--ink)); }
  .button.quiet { background: var(--surface); color: var(--ink); border-color: var(--strong-line); }
  .button.quiet:hover { background: var(--sunken); }
  .button.danger { background: transparent; color: var(--bad); border-color: currentColor; }
  .button.danger:hover { background: var(--bad-wash); }
  .button.wide { width: 100%; }
  .button.small { min-height: 2.25rem; padding: .25rem .75rem; font-size: .875rem; }
  .button[aria-current] { border-color: var(--accent); color: var(--accent); background: var(--accent-wash); }
  .button[aria-busy] { opacity: .75; cursor: progress; }
  .link {
    background: none; border: 0; padding: 0; color: var(--accent); text-decoration: underline; text-underline-offset: .15em;
    text-decoration-thickness: .06em;
  }
  .link:hover { text-decoration-thickness: .12em; }
  .actions { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; }

  .field { display: grid; gap: .375rem; align-content: start; }
  .field > label, .field > .label, legend.label { font-weight: 600; font-size: .9375rem; }
  .field .hint { color: var(--soft); font-size: .875rem; }
  .field input, .field select, .field textarea {
    width: 100%; min-height: 2.75rem; padding: .5rem .75rem; background: var(--surface); border: 1px solid var(--strong-line);
    border-radius: var(--small-radius);
  }
  .field textarea { min-height: 5rem; resize: vertical; }
  .field input::placeholder { color: color-mix(in srgb, var(--soft) 80%, transparent); }
  .field input[readonly] { background: var(--sunken); border-color: var(--line); }
  .field [aria-invalid="true"] { border-color: var(--bad); box-shadow: inset 0 0 0 1px var(--bad); }
  .field .wrong { color: var(--bad); font-size: .875rem; font-weight: 600; }
  .pair { display: grid; gap: 1rem; align-items: end; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
  .check, .field > .check { display: flex; gap: .625rem; align-items: center; font-weight: 400; font-size: 1rem; }
  .check input { width: 1.125rem; height: 1.125rem; min-height: 0; padding: 0; flex: none; accent-color: var(--accent); }
  .stack { display: grid; gap: 1.25rem; }
  .stack > * { min-width: 0; }
  .tight { gap: .75rem; }

  .alert { border-radius: var(--small-radius); padding: .75rem 1rem; border-inline-start: 4px solid currentColor; }
  .alert.bad { background: var(--bad-wash); color: var(--bad); }
  .alert.good { background: var(--good-wash); color: var(--good); }
  .alert.wait { background: var(--wait-wash); color: var(--wait); }
  .alert p { color: var(--ink); }
  .alert strong { display: block; }

  .badge {
    display: inline-block; padding: .0625rem .5rem; border-radius: 99px; font-size: .8125rem; font-weight: 600; white-space: nowrap;
    background: var(--sunken); color: var(--soft);
  }
  .badge.good { background: var(--good-wash); color: var(--good); }
  .badge.bad { background: var(--bad-wash); color: var(--bad); }
  .badge.wait { background: var(--wait-wash); color: var(--wait); }

  .card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
  .soft { color: var(--soft); }
  .small { font-size: .875rem; }
  .amount { white-space: nowrap; text-align: end; }
  .struck { text-decoration: line-through; }
  .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

  .message { max-width: 32rem; margin: 0 auto; padding: clamp(3rem, 14vh, 8rem) 1.25rem; display: grid; gap: 1rem; }
  .message h1 { font-size: 1.75rem; }
  .mark {
    width: 3rem; height: 3rem; border-radius: 50%; display: grid; place-items: center; font-size: 1.375rem; font-weight: 700;
    background: var(--accent-wash); color: var(--accent);
  }
  .mark.good { background: var(--good-wash); color: var(--good); }
  .mark.bad { background: var(--bad-wash); color: var(--bad); }
  .mark.wait { background: var(--wait-wash); color: var(--wait); }
}
`
