/** Elements as they are everywhere. */
export const base = `
@layer base {
  *, *::before, *::after { box-sizing: border-box; }
  * { margin: 0; }
  html { -webkit-text-size-adjust: 100%; }
  body {
    background: var(--paper); color: var(--ink);
    font: 1rem/1.5 var(--sans); font-variant-numeric: tabular-nums;
    min-height: 100vh; min-height: 100dvh;
  }
  h1, h2, h3 { line-height: 1.25; font-weight: 650; text-wrap: balance; }
  h1 { font-size: 1.5rem; }
  h2 { font-size: 1.125rem; }
  h3 { font-size: 1rem; }
  p { text-wrap: pretty; }
  a { color: var(--accent); text-underline-offset: .15em; text-decoration-thickness: .06em; }
  a:hover { text-decoration-thickness: .12em; }
  :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
  main:focus { outline: none; }
  code, pre, .id { font-family: var(--mono); font-size: .875em; }
  .id { overflow-wrap: anywhere; }
  ul, ol, dl { padding: 0; list-style: none; }
  dd { margin: 0; }
  fieldset { border: 0; padding: 0; min-width: 0; }
  legend { padding: 0; }
  table { border-collapse: collapse; width: 100%; }
  th { text-align: start; font-weight: 600; }
  hr { border: 0; border-top: 1px solid var(--line); }
  input, select, textarea, button { font: inherit; color: inherit; }
  button { cursor: pointer; }
  summary { cursor: pointer; }
  [hidden] { display: none !important; }
  @media (prefers-reduced-motion: no-preference) {
    a, button, input, select { transition: background-color .12s, border-color .12s, color .12s; }
  }
}
`
