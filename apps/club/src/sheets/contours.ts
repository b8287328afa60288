import type { Terrain } from './terrain.ts'

/** A closed ring of points, in grid units: x to the right, y down. */
export type Ring = [number, number][]

/**
 * The rings at one height (marching squares). The ground is taken to fall away beyond the sheet, so that every ring closes
 * and can be filled; the drawing hides the part that runs along the edge.
 */
export function contourRings(terrain: Terrain, level: number): Ring[] {
  const next = new Map<number, { to: number; point: [number, number] }>()
  const width = terrain.columns + 2
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= terrain.columns || y >= terrain.rows
      ? -1e5
      : (terrain.heights[y * terrain.columns + x] ?? -1e5) - level
  // Each crossing is named by its edge: twice the corner's number, plus one for the edge that goes down.
  const across = (x: number, y: number) => ((y + 1) * width + x + 1) * 2
  const down = (x: number, y: number) => across(x, y) + 1
  const crossing = (a: number, b: number) => a / (a - b)

  for (let y = -1; y < terrain.rows; y++) {
    for (let x = -1; x < terrain.columns; x++) {
      const nw = at(x, y)
      const ne = at(x + 1, y)
      const se = at(x + 1, y + 1)
      const sw = at(x, y + 1)
      const index = (nw > 0 ? 8 : 0) | (ne > 0 ? 4 : 0) | (se > 0 ? 2 : 0) | (sw > 0 ? 1 : 0)
      if (index === 0 || index === 15) continue
      const north = { id: across(x, y), point: [x + crossing(nw, ne), y] as [number, number] }
      const south = { id: across(x, y + 1), point: [x + crossing(sw, se), y + 1] as [number, number] }
      const west = { id: down(x, y), point: [x, y + crossing(nw, sw)] as [number, number] }
      const east = { id: down(x + 1, y), point: [x + 1, y + crossing(ne, se)] as [number, number] }
      // Higher ground is kept on the left of the way that a line runs, so that lines meet head to tail.
      const edges = { n: north, s: south, w: west, e: east }
      for (const [from, to] of joins[index] ?? []) {
        next.set(edges[from].id, { to: edges[to].id, point: edges[from].point })
      }
    }
  }
  return ringsOf(next)
}

type Edge = 'n' | 's' | 'w' | 'e'
const joins: Record<number, [Edge, Edge][]> = {
  1: [['s', 'w']],
  2: [['e', 's']],
  3: [['e', 'w']],
  4: [['n', 'e']],
  5: [
    ['n', 'w'],
    ['s', 'e'],
  ],
  6: [['n', 's']],
  7: [['n', 'w']],
  8: [['w', 'n']],
  9: [['s', 'n']],
  10: [
    ['w', 's'],
    ['e', 'n'],
  ],
  11: [['e', 'n']],
  12: [['w', 'e']],
  13: [['s', 'e']],
  14: [['w', 's']],
}

function ringsOf(next: Map<number, { to: number; point: [number, number] }>): Ring[] {
  const rings: Ring[] = []
  for (const start of next.keys()) {
    const ring: Ring = []
    for (let step = next.get(start), id = start; step; step = next.get(id)) {
      ring.push(step.point)
      next.delete(id)
      id = step.to
    }
    if (ring.length > 3) rings.push(ring)
  }
  return rings
}
