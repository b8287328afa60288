/** Labels of one sample, such as `{ type: 'invoice.paid', outcome: 'applied' }`. */
export type Labels = Readonly<Record<string, string>>

/** One metric, as Prometheus scrapes it. */
export interface Metric {
  readonly name: string
  render(): string
}

/** Upper bounds of a histogram, in seconds: from a statement to a timeout of Stripe's. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What only grows. */
export function createCounter(name: string, help: string): Metric & { add(labels?: Labels, by?: number): void } {
  const series = new Map<string, number>()
  return {
    name,
    add(labels = {}, by = 1) {
      const key = rendered(labels)
      series.set(key, (series.get(key) ?? 0) + by)
    },
    render: () =>
      family(
        name,
        help,
        'counter',
        [...series].map(([labels, value]) => `${name}${labels} ${value}`),
      ),
  }
}

/** What goes up and down. Not shown while nobody has said what it is. */
export function createGauge(name: string, help: string): Metric & { set(value: number | null): void } {
  let current: number | null = null
  return {
    name,
    set(value) {
      current = value
    },
    render: () => (current === null ? '' : family(name, help, 'gauge', [`${name} ${current}`])),
  }
}

/** How long something takes. */
export function createHistogram(name: string, help: string): Metric & { observe(seconds: number): void } {
  const counts = buckets.map(() => 0)
  let count = 0
  let sum = 0
  return {
    name,
    observe(seconds) {
      count += 1
      sum += seconds
      for (const [at, bound] of buckets.entries()) if (seconds <= bound) counts[at] = (counts[at] ?? 0) + 1
    },
    render: () =>
      family(name, help, 'histogram', [
        ...buckets.map((bound, at) => `${name}_bucket{le="${bound}"} ${counts[at]}`),
        `${name}_bucket{le="+Inf"} ${count}`,
        `${name}_sum ${sum}`,
        `${name}_count ${count}`,
      ]),
  }
}

/** The media type of what `render` makes. */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Metrics as text.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const render = (metrics: readonly Metric[]): string => metrics.map((metric) => metric.render()).join('')

const family = (name: string, help: string, type: string, lines: readonly string[]): string =>
  `${[`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`

function rendered(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"')
