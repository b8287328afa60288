/** A group of bars: what they have in common, and a value and its spread for each series. */
export type Bars = { label: string; values: readonly { median: number; low: number; high: number }[] }

const colours = ['#9aa5b1', '#2f6fed', '#d9822b', '#7b61a8', '#3a9d6e']
const [width, height, left, top, bottom] = [860, 360, 70, 56, 40]

/**
 * Grouped bars as SVG, with a whisker for the spread of the rounds. Small and by hand: a chart is a picture of a table and
 * needs no library.
 */
export function barChart(title: string, unit: string, series: readonly string[], groups: readonly Bars[]): string {
  const highest = Math.max(1, ...groups.flatMap(({ values }) => values.map(({ high }) => high)))
  const step = niceStep(highest / 5)
  const ceiling = Math.ceil(highest / step) * step
  const y = (value: number) => top + (height - top - bottom) * (1 - value / ceiling)
  const room = (width - left - 10) / groups.length
  const bar = (room * 0.8) / series.length

  const lines = Array.from({ length: Math.round(ceiling / step) + 1 }, (_, i) => {
    const value = i * step
    return `<line x1="${left}" x2="${width - 10}" y1="${y(value)}" y2="${y(value)}" stroke="#e3e8ee"/>
<text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value.toLocaleString('en')}</text>`
  })
  const bars = groups.flatMap(({ label, values }, g) => {
    const start = left + g * room + room * 0.1
    const drawn = values.map(({ median, low, high }, s) => {
      const x = start + s * bar
      const middle = x + bar * 0.45
      return `<rect x="${x}" y="${y(median)}" width="${bar * 0.9}" height="${y(0) - y(median)}" fill="${colours[s % colours.length]}"/>
<line x1="${middle}" x2="${middle}" y1="${y(high)}" y2="${y(low)}" stroke="#1f2933"/>
<text x="${middle}" y="${y(high) - 5}" text-anchor="middle" font-size="10">${Math.round(median).toLocaleString('en')}</text>`
    })
    return [
      ...drawn,
      `<text x="${start + room * 0.4}" y="${height - 14}" text-anchor="middle">${escaped(label)}</text>`,
    ]
  })
  const legend = series.map(
    (name, s) => `<rect x="${left + s * 150}" y="32" width="10" height="10" fill="${colours[s % colours.length]}"/>
<text x="${left + s * 150 + 15}" y="41">${escaped(name)}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${left}" y="20" font-size="14" font-weight="600">${escaped(title)}</text>
<text x="${left - 8}" y="${top - 12}" text-anchor="end">${escaped(unit)}</text>
${[...lines, ...bars, ...legend].join('\n')}
</svg>
`
}

/** 1, 2 or 5 times a power of ten, and at least as much. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
