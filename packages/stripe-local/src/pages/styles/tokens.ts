/** Colours, type and measures. Navy on paper, with the ochre of a measuring tape for everything that says "test". */
export const tokens = `
@layer tokens {
  :root {
    color-scheme: light dark;
    --paper: light-dark(#f5f3ee, #12151b);
    --surface: light-dark(#ffffff, #1a1f28);
    --sunken: light-dark(#eeebe3, #0d1015);
    --ink: light-dark(#1b2330, #e9ebee);
    --soft: light-dark(#5a6472, #a0a9b6);
    --line: light-dark(#dcd8cd, #303846);
    --strong-line: light-dark(#858c96, #6d7787);
    --accent: light-dark(#1f3f6e, #a9c6f2);
    --accent-ink: light-dark(#ffffff, #0e1b30);
    --accent-wash: light-dark(#e8eef7, #1f2b3f);
    --ochre: #e3a82b;
    --notice: light-dark(#fbecc6, #33290f);
    --notice-ink: light-dark(#4a3705, #f3d998);
    --good: light-dark(#1c6640, #86d6a7);
    --good-wash: light-dark(#e2f1e7, #15301f);
    --bad: light-dark(#a3251c, #f3a59d);
    --bad-wash: light-dark(#fbe9e6, #3a1a17);
    --wait: light-dark(#7a5600, #ecc66d);
    --wait-wash: light-dark(#fbf0d4, #322810);
    --focus: light-dark(#2467d6, #7fb0ff);
    --radius: 10px;
    --small-radius: 6px;
    --shadow: 0 1px 2px light-dark(#1b233012, #00000040), 0 8px 24px light-dark(#1b23300f, #00000038);
    --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
    --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  }
}
`
