import { nameFarm, nameHeight, nameWater } from './names.ts'
import { randomFrom } from './random.ts'
import type { Terrain } from './terrain.ts'
import { type Stream, streamsOf } from './water.ts'

/** A named point of the survey, in grid units. */
export type Place = { x: number; y: number; name: string; height: number }
export type Features = { summits: Place[]; farms: Place[]; streams: Stream[]; river: string; beside: Place | null }

/** What stands on the ground: summits, farms, streams, with names that stay the same for the same place. */
export function featuresOf(terrain: Terrain, name: string): Features {
  const random = randomFrom(`names/${name.trim().toLowerCase()}`)
  const streams = streamsOf(terrain)
  const taken = new Set<string>()
  const unused = (make: (random: () => number) => string) => {
    let made = make(random)
    for (let tries = 0; taken.has(made) && tries < 20; tries++) made = make(random)
    taken.add(made)
    return made
  }
  const summits = spread(peaks(terrain), 17, 6).map((at) => ({ ...at, name: unused(nameHeight) }))
  const farms = spread(flats(terrain, streams, random), 24, 4, summits).map((at) => ({ ...at, name: unused(nameFarm) }))
  const longest = streams.toSorted((a, b) => b.points.length - a.points.length)[0]
  const middle = longest?.points[Math.floor(longest.points.length * 0.55)]
  const beside = middle && longest.points.length > 18 ? { x: middle[0], y: middle[1], height: 0, name: '' } : null
  return { summits, farms, streams, river: unused(nameWater), beside }
}

type Point = { x: number; y: number; height: number }

/** Points that nothing within 250 m overlooks, the highest first. */
function peaks(terrain: Terrain): Point[] {
  const found: Point[] = []
  const reach = 5
  for (let y = reach; y < terrain.rows - reach; y++) {
    for (let x = reach; x < terrain.columns - reach; x++) {
      const height = at(terrain, x, y)
      if (height < 30) continue
      let highest = true
      for (let dy = -reach; dy <= reach && highest; dy++) {
        for (let dx = -reach; dx <= reach && highest; dx++) highest = at(terrain, x + dx, y + dy) <= height
      }
      if (highest) found.push({ x, y, height })
    }
  }
  return found.toSorted((a, b) => b.height - a.height)
}

/** Level ground not far from a stream, where somebody would have built. */
function flats(terrain: Terrain, streams: Stream[], random: () => number): Point[] {
  const found: (Point & { slope: number })[] = []
  for (const { points } of streams) {
    for (let i = 2; i < points.length - 1; i += 3) {
      const [sx, sy] = points[i] ?? [0, 0]
      const x = Math.round(sx + (random() < 0.5 ? -3 : 3))
      const y = Math.round(sy + (random() < 0.5 ? -2 : 2))
      if (x < 6 || y < 6 || x > terrain.columns - 16 || y > terrain.rows - 7) continue
      const height = at(terrain, x, y)
      const slope = Math.abs(at(terrain, x + 2, y) - height) + Math.abs(at(terrain, x, y + 2) - height)
      if (height > 4) found.push({ x, y, height, slope })
    }
  }
  return found.toSorted((a, b) => a.slope - b.slope)
}

/** The first points of a list that keep their distance from each other and from others. */
function spread(points: Point[], distance: number, most: number, others: Point[] = []): Point[] {
  const kept: Point[] = []
  for (const point of points) {
    if (kept.length === most) break
    const far = (other: Point) => Math.hypot(other.x - point.x, (other.y - point.y) * 1.6) > distance
    const clear = (other: Point) => Math.hypot(other.x - point.x, (other.y - point.y) * 1.6) > 11
    if (kept.every(far) && others.every(clear)) kept.push(point)
  }
  return kept
}

function at(terrain: Terrain, x: number, y: number): number {
  return terrain.heights[y * terrain.columns + x] ?? Number.NEGATIVE_INFINITY
}
