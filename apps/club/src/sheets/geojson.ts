import { contourRings } from './contours.ts'
import { intervals } from './sheet.ts'
import { type Character, spacing, survey } from './terrain.ts'

type Feature = {
  type: 'Feature'
  properties: { place: string; height: number; index: boolean }
  geometry: { type: 'MultiLineString'; coordinates: [number, number][][] }
}

/**
 * The contours of places for a mapping program: metres east and north of each sheet's south-west corner, one feature a height.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7946
 */
export function geojson(places: readonly { name: string; character: Character }[]): string {
  return JSON.stringify({ type: 'FeatureCollection', features: places.flatMap(contoursOf) })
}

function contoursOf({ name, character }: { name: string; character: Character }): Feature[] {
  const terrain = survey(name, character)
  const interval = intervals[character]
  const features: Feature[] = []
  let highest = 0
  for (const height of terrain.heights) highest = Math.max(highest, height)
  for (let level = 0; level < highest; level += interval) {
    const coordinates = contourRings(terrain, level + 0.01).map((ring) =>
      [...ring, ...ring.slice(0, 1)].map(([x, y]): [number, number] => [
        Math.round(x * spacing * 10) / 10,
        Math.round((terrain.rows - 1 - y) * spacing * 10) / 10,
      ]),
    )
    features.push({
      type: 'Feature',
      properties: { place: name, height: level, index: (level / interval) % 5 === 0 },
      geometry: { type: 'MultiLineString', coordinates },
    })
  }
  return features
}
