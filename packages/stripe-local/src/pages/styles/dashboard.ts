/** The developer's side: a menu beside what it leads to; on a phone the menu is a row above it. */
export const dashboard = `
@layer pages {
  .top-bar {
    display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; padding: .625rem 1.25rem; background: var(--surface);
    border-bottom: 1px solid var(--line);
  }
  .brand { display: inline-flex; align-items: center; gap: .5rem; font-weight: 700; color: var(--ink); text-decoration: none; }
  .logo {
    width: 1.25rem; height: 1.25rem; border-radius: 5px;
    background: linear-gradient(-45deg, #1f3557 0 28%, #e3a82b 28% 46%, #1f3557 46% 58%, #c18f2a 58% 70%, #1f3557 70%);
  }
  .top-bar .account { font-size: .875rem; color: var(--soft); }
  .search { margin-inline-start: auto; }
  .search input, .filter input {
    width: 20rem; max-width: 100%; min-height: 2.25rem; padding: .25rem .75rem; background: var(--paper); border: 1px solid var(--strong-line);
    border-radius: var(--small-radius); font-size: .875rem;
  }
  .filter { margin: 0 0 1rem; }
  .filter input { flex: 0 1 20rem; background: var(--surface); }

  .frame { display: grid; grid-template-columns: minmax(0, 1fr); max-width: 86rem; margin: 0 auto; }
  .menu { overflow-x: auto; border-bottom: 1px solid var(--line); }
  .menu ul { display: flex; gap: .125rem; padding: .375rem 1rem; }
  .menu a {
    display: block; padding: .375rem .75rem; border-radius: var(--small-radius); color: var(--soft); text-decoration: none; white-space: nowrap;
    font-size: .9375rem;
  }
  .menu a:hover { background: var(--sunken); color: var(--ink); }
  .menu a[aria-current] { background: var(--accent-wash); color: var(--accent); font-weight: 650; }
  .dashboard main { padding: 1.5rem 1.25rem 4rem; min-width: 0; }
  .dashboard main.alone { max-width: 60rem; margin: 0 auto; display: grid; gap: 1rem; }
  .dashboard main > h1 { margin-bottom: .75rem; overflow-wrap: anywhere; }
  .dashboard main > h2 { margin: 2rem 0 .75rem; }
  .dashboard main > .table + p { margin-top: .75rem; }
  .dashboard main > p + .table, .dashboard main > .actions { margin-block: 1rem; }

  .table { overflow-x: auto; }
  .table table { font-size: .9375rem; }
  .table th { font-size: .8125rem; color: var(--soft); }
  .table th, .table td { padding: .5rem .875rem; border-bottom: 1px solid var(--line); vertical-align: baseline; }
  .table th.amount { text-align: end; }
  .table tr:last-child td { border-bottom: 0; }
  .table tbody tr:hover { background: color-mix(in srgb, var(--sunken) 55%, transparent); }
  .table td { max-width: 26rem; overflow-wrap: break-word; }
  .table .who { max-width: 13rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .table .who a:focus-visible { outline-offset: -3px; }
  .table td:first-child { min-width: 9rem; }
  .table td:has(.badge) { white-space: nowrap; }
  .table .id { white-space: nowrap; }
  .table td.id { overflow: hidden; text-overflow: ellipsis; }
  .when { white-space: nowrap; color: var(--soft); font-size: .875rem; }
  .empty { padding: 1.25rem; color: var(--soft); }
  .padded { padding: 1.25rem; }
  .narrow { max-width: 44rem; }
  .between { display: flex; flex-wrap: wrap; gap: .5rem 1rem; justify-content: space-between; align-items: center; }
  .about { display: flex; flex-wrap: wrap; gap: .375rem .75rem; align-items: center; margin-bottom: .5rem; }
  .now strong { font-size: 1.75rem; letter-spacing: -.01em; }
  .dashboard .narrow { margin-block: 1rem; }
  .dashboard .alert { margin-bottom: 1rem; }

  .kinds { columns: 15rem; padding: .75rem; }
  .kinds a { display: flex; justify-content: space-between; gap: 1rem; padding: .375rem .625rem; border-radius: var(--small-radius); text-decoration: none; }
  .kinds a:hover { background: var(--sunken); }
  .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; }
  .tiles .card { padding: 1rem 1.125rem; }
  .tiles dt { color: var(--soft); font-size: .875rem; }
  .tiles dd { font-size: 1.25rem; font-weight: 650; }
  .tiles a { color: inherit; text-decoration: none; }
  .tiles a:hover { text-decoration: underline; }
  .facts > div { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 1rem; padding: .4375rem .875rem; border-bottom: 1px solid var(--line); }
  .facts > div:last-child { border-bottom: 0; }
  .facts dt { color: var(--soft); }
  .facts dd { min-width: 0; overflow-wrap: anywhere; }
  .attempts { display: grid; gap: .25rem; font-size: .9375rem; }
  .attempts li { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }

  .json {
    background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 1rem; overflow-x: auto; font-size: .8125rem;
    line-height: 1.6; tab-size: 2;
  }
  .json b { font-weight: 400; color: var(--soft); }
  .json s { text-decoration: none; color: var(--good); }
  .json i { font-style: normal; color: var(--wait); }
  .json u { text-decoration: none; color: var(--soft); font-style: italic; padding-inline-start: .75rem; }

  @media (min-width: 60rem) {
    .frame { grid-template-columns: 13rem minmax(0, 1fr); }
    .menu { border: 0; overflow: visible; }
    .menu ul { flex-direction: column; padding: 1.5rem .75rem; position: sticky; top: 0; }
    .dashboard main { padding: 1.75rem 2rem 5rem; }
  }
  fieldset.card > legend { float: left; width: 100%; }
  /* What and whose it is, its state and amount leave no room for its id, which its own page shows. */
  @media (max-width: 88rem) { .table.full .aside { display: none; } }
  /* On a phone a row is a small card: what it is on a line of its own, the rest below it. */
  @media (max-width: 40rem) {
    .table .aside, .table td:empty { display: none; }
    .table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .table table, .table tbody { display: block; }
    .table tr { display: flex; flex-wrap: wrap; gap: .125rem .75rem; align-items: baseline; padding: .625rem .875rem; border-bottom: 1px solid var(--line); }
    .table tr:last-child { border-bottom: 0; }
    .table td { display: block; padding: 0; border: 0; min-width: 0; max-width: 100%; overflow-wrap: anywhere; }
    .table td:first-child { flex: 1 0 100%; }
    .table td[data-name]::before { content: attr(data-name) " "; color: var(--soft); }
    .table .id, .table .who { white-space: normal; }
    .table .who { max-width: 100%; }
    .table .when { margin-inline-start: auto; }
    .search { width: 100%; }
    .search input { width: 100%; }
  }
}
`
