import { expect, test } from 'vitest'
import { contourRings } from './contours.ts'
import { geojson } from './geojson.ts'
import { drawSheet } from './sheet.ts'
import { characters, survey, type Terrain } from './terrain.ts'
import { streamsOf } from './water.ts'

test.each(characters)('a %s is the same ground for the same name, and other ground for another', (character) => {
  expect(survey('Skerrow', character).heights).toEqual(survey(' skerrow ', character).heights)
  expect(survey('Skerrow', character).heights).not.toEqual(survey('Inch Varn', character).heights)
})

test('a lone hill has one ring round it', () => {
  const heights = new Float64Array(25)
  heights[12] = 10
  const hill: Terrain = { columns: 5, rows: 5, heights }
  expect(contourRings(hill, 5)).toHaveLength(1)
  expect(contourRings(hill, 5)[0]).toEqual(
    expect.arrayContaining([
      [1.5, 2],
      [2.5, 2],
      [2, 1.5],
      [2, 2.5],
    ]),
  )
})

test.each(characters)(
  'every contour of a %s closes: each step is to a neighbour, the last to the first',
  (character) => {
    for (const level of [0.01, 50.01, 150.01]) {
      for (const ring of contourRings(survey('Aldermoor', character), level)) {
        ring.forEach(([x, y], i) => {
          const [nx, ny] = ring[(i + 1) % ring.length] ?? [Number.NaN, Number.NaN]
          expect(Math.hypot(nx - x, ny - y)).toBeLessThan(1.5)
        })
      }
    }
  },
)

test('no stream ends in a hollow: each reaches water, another stream, or the edge of the sheet', () => {
  const terrain = survey('Aldermoor', 'highland')
  const streams = streamsOf(terrain)
  const seen = new Set<string>()
  for (const { points } of streams) {
    const [x, y] = points.at(-1) ?? [0, 0]
    const edge = x === 0 || y === 0 || x === terrain.columns - 1 || y === terrain.rows - 1
    const water = (terrain.heights[y * terrain.columns + x] ?? 0) <= 0
    expect(edge || water || seen.has(`${x},${y}`)).toBe(true)
    for (const point of points) seen.add(point.join())
  }
  expect(streams.length).toBeGreaterThan(3)
})

test('a name cannot write into the drawing', () => {
  const svg = drawSheet({ name: '<script>alert(1)</script>', character: 'moor' })
  expect(svg).not.toContain('<script')
  expect(svg).toContain('&#60;script')
})

test('the export for mapping programs holds closed lines in metres', () => {
  const { type, features } = JSON.parse(geojson([{ name: 'Skerrow', character: 'island' }]))
  expect(type).toBe('FeatureCollection')
  expect(features.length).toBeGreaterThan(5)
  const line = features[1].geometry.coordinates[0]
  expect(line[0]).toEqual(line.at(-1))
})
