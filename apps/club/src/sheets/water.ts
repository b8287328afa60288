import type { Terrain } from './terrain.ts'

/** A stretch of a stream: points in grid units from its source down, and how much ground it drains (grid cells). */
export type Stream = { points: [number, number][]; drains: number }

/**
 * Where water runs. The ground is flooded from the sheet's edge and the open water inwards, always over the lowest rim
 * (priority flood), so that each point knows its way out and no stream ends in a hollow.
 */
export function streamsOf(terrain: Terrain, threshold = 150): Stream[] {
  const { columns, rows, heights } = terrain
  const wayOut = new Int32Array(columns * rows).fill(-1)
  const seen = new Uint8Array(columns * rows)
  const order: number[] = []
  const queue = new LowestFirst()
  for (let i = 0; i < heights.length; i++) {
    const x = i % columns
    const y = Math.floor(i / columns)
    if (x === 0 || y === 0 || x === columns - 1 || y === rows - 1 || (heights[i] ?? 0) <= 0) {
      seen[i] = 1
      queue.add(heights[i] ?? 0, i)
    }
  }
  for (let lowest = queue.take(); lowest; lowest = queue.take()) {
    order.push(lowest.at)
    for (const near of around(lowest.at, columns, rows)) {
      if (seen[near]) continue
      seen[near] = 1
      wayOut[near] = lowest.at
      queue.add(Math.max(heights[near] ?? 0, lowest.height), near)
    }
  }
  const drains = new Float64Array(columns * rows).fill(1)
  for (const at of order.toReversed()) {
    const out = wayOut[at] ?? -1
    if (out >= 0) drains[out] = (drains[out] ?? 0) + (drains[at] ?? 0)
  }
  return stretches({ order, wayOut, drains, columns, threshold })
}

function stretches(flow: {
  order: number[]
  wayOut: Int32Array
  drains: Float64Array
  columns: number
  threshold: number
}): Stream[] {
  const { order, wayOut, drains, columns, threshold } = flow
  const fed = new Set<number>()
  const streams: Stream[] = []
  const point = (at: number): [number, number] => [at % columns, Math.floor(at / columns)]
  // From the sources down: a stretch that meets a point already drawn joins it there.
  for (const source of order.toReversed()) {
    if ((drains[source] ?? 0) < threshold || fed.has(source)) continue
    const points: [number, number][] = []
    let at = source
    let last = source
    while (at >= 0) {
      points.push(point(at))
      last = at
      if (fed.has(at)) break
      fed.add(at)
      at = wayOut[at] ?? -1
    }
    if (points.length > 4) streams.push({ points, drains: drains[last] ?? 0 })
  }
  return streams
}

function* around(at: number, columns: number, rows: number): Generator<number> {
  const x = at % columns
  const y = Math.floor(at / columns)
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const [nx, ny] = [x + dx, y + dy]
      if ((dx || dy) && nx >= 0 && ny >= 0 && nx < columns && ny < rows) yield ny * columns + nx
    }
  }
}

/** A binary heap: the lowest point comes out first. */
class LowestFirst {
  readonly #heap: { height: number; at: number }[] = []

  add(height: number, at: number): void {
    const heap = this.#heap
    let i = heap.push({ height, at }) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (this.#height(parent) <= height) break
      this.#swap(i, parent)
      i = parent
    }
  }

  take(): { height: number; at: number } | undefined {
    const heap = this.#heap
    const lowest = heap[0]
    const last = heap.pop()
    if (!lowest || !last || heap.length === 0) return lowest
    heap[0] = last
    for (let i = 0; ; ) {
      const left = i * 2 + 1
      if (left >= heap.length) break
      const child = this.#height(left + 1) < this.#height(left) ? left + 1 : left
      if (this.#height(i) <= this.#height(child)) break
      this.#swap(i, child)
      i = child
    }
    return lowest
  }

  #height(i: number): number {
    return this.#heap[i]?.height ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap
    const [first, second] = [heap[a], heap[b]]
    if (first && second) [heap[a], heap[b]] = [second, first]
  }
}
