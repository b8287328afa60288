import { contourRings, type Ring } from './contours.ts'
import { type Features, featuresOf, type Place } from './features.ts'
import { type Character, columns, rows, spacing, survey, type Terrain } from './terrain.ts'

/** Metres of height from one line to the next; every fifth is drawn heavier. */
export const intervals: Record<Character, number> = { highland: 25, island: 20, moor: 10, vale: 15 }

/** What a sheet is drawn of and for. `screen` follows the reader's theme, `print` is ink on white. */
export type SheetRequest = { name: string; character: Character; frame?: boolean; medium?: 'screen' | 'print' }

const unit = 10
const width = (columns - 1) * unit
const height = (rows - 1) * unit
const margin = 46

/** Draws a place as a survey sheet: relief, water, summits, farms, grid. An SVG document that needs nothing else. */
export function drawSheet({ name, character, frame = false, medium = 'screen' }: SheetRequest): string {
  const terrain = survey(name, character)
  const features = featuresOf(terrain, name)
  const edge = frame ? margin : 0
  const view = `${-edge} ${-edge} ${width + edge * 2} ${height + edge * 2}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view}" width="${width + edge * 2}" height="${height + edge * 2}">
<title>Survey sheet of ${escaped(name)}</title>
<style>${medium === 'print' ? ink : `${ink}@media (prefers-color-scheme: dark){${night}}`}${marks}</style>
<clipPath id="c"><rect x="3" y="3" width="${width - 6}" height="${height - 6}"/></clipPath>
${frame ? `<rect class="paper" x="${-edge}" y="${-edge}" width="${width + edge * 2}" height="${height + edge * 2}"/>` : ''}
<g clip-path="url(#c)"><rect class="sea" width="${width}" height="${height}"/>
${relief(terrain, intervals[character])}${streams(features)}${grid()}</g>
${places(features)}${frame ? border() : ''}</svg>`
}

function relief(terrain: Terrain, interval: number): string {
  let highest = 0
  for (const metres of terrain.heights) highest = Math.max(highest, metres)
  const lines: string[] = []
  for (let level = 0; level < highest; level += interval) {
    // The shore is drawn just above zero: ground that is exactly level with the water would draw a line everywhere.
    const path = contourRings(terrain, level + 0.01)
      .map(smooth)
      .join('')
    const step = Math.min(5, Math.floor((level / Math.max(highest, 420)) * 6))
    const weight = level === 0 ? ' shore' : (level / interval) % 5 === 0 ? ' index' : ''
    lines.push(`<path class="t${step}${weight}" d="${path}"/>`)
  }
  return `<g class="relief">${lines.join('')}</g>`
}

/** A ring as a smooth path through the middles of its sides, in whole tenths of a point, relative to keep it short. */
function smooth(whole: Ring): string {
  const ring = whole.length > 16 ? whole.filter((_, i) => i % 2 === 0) : whole
  const middles = ring.map((point, i) => {
    const after = ring[(i + 1) % ring.length] ?? point
    return [Math.round((point[0] + after[0]) * (unit / 2)), Math.round((point[1] + after[1]) * (unit / 2))] as const
  })
  const [start] = middles
  if (!start) return ''
  let [x, y] = start
  let path = `M${x} ${y}`
  for (let i = 1; i < middles.length; i++) {
    const [mx, my] = middles[i] ?? start
    if (mx === x && my === y) continue
    const [px, py] = ring[i] ?? [0, 0]
    path += `q${Math.round(px * unit) - x} ${Math.round(py * unit) - y} ${mx - x} ${my - y}`
    x = mx
    y = my
  }
  return `${path}z`
}

function streams({ streams, river, beside }: Features): string {
  const drawn = streams.map(({ points, drains }) => {
    const size = Math.min(3.2, 0.8 + Math.sqrt(drains) / 32)
    const [[x0, y0] = [0, 0]] = points
    let path = `M${x0 * unit} ${y0 * unit}`
    for (let i = 1; i < points.length - 1; i++) {
      const [x, y] = points[i] ?? [0, 0]
      const [nx, ny] = points[i + 1] ?? [x, y]
      path += `Q${x * unit} ${y * unit} ${(x + nx) * (unit / 2)} ${(y + ny) * (unit / 2)}`
    }
    return `<path class="stream" stroke-width="${size.toFixed(1)}" d="${path}"/>`
  })
  const label = beside
    ? `<text class="water" x="${beside.x * unit + 12}" y="${beside.y * unit - 8}">${river}</text>`
    : ''
  return drawn.join('') + label
}

function grid(): string {
  const step = (1000 / spacing) * unit
  let path = ''
  for (let x = step; x < width; x += step) path += `M${x} 0V${height}`
  for (let y = step; y < height; y += step) path += `M0 ${y}H${width}`
  return `<path class="grid" d="${path}"/>`
}

function places({ summits, farms }: Features): string {
  const label = (place: Place, dy: number, kind: string) => {
    const toTheLeft = place.x > columns * 0.8
    const x = place.x * unit + (toTheLeft ? -14 : 14)
    return `<text class="${kind}" x="${x}" y="${place.y * unit + dy}"${toTheLeft ? ' text-anchor="end"' : ''}>`
  }
  const summit = (place: Place, highest: boolean) => {
    const [x, y] = [place.x * unit, place.y * unit]
    const mark = highest
      ? `<path class="trig" d="M${x} ${y - 11}l10 17h-20z"/><circle class="dot" cx="${x}" cy="${y}" r="1.8"/>`
      : `<circle class="spot" cx="${x}" cy="${y}" r="2.6"/>`
    return `${mark}${label(place, -2, 'name')}${place.name}</text>${label(place, 15, 'metres')}${Math.round(place.height)}</text>`
  }
  const farm = (place: Place) =>
    `<rect class="farm" x="${place.x * unit - 4}" y="${place.y * unit - 4}" width="8" height="8"/>${label(place, 5, 'farmname')}${place.name}</text>`
  return summits.map((place, i) => summit(place, i === 0)).join('') + farms.map(farm).join('')
}

/** The neat line round the sheet and the grid's numbers in its margin. */
function border(): string {
  const step = (1000 / spacing) * unit
  let numbers = ''
  for (let x = step, n = 41; x < width; x += step, n++) {
    numbers += `<text class="number" text-anchor="middle" x="${x}" y="-18">${n}</text><text class="number" text-anchor="middle" x="${x}" y="${height + 30}">${n}</text>`
  }
  for (let y = step, n = 87; y < height; y += step, n--) {
    numbers += `<text class="number" text-anchor="middle" x="-24" y="${y + 5}">${n}</text><text class="number" text-anchor="middle" x="${width + 24}" y="${y + 5}">${n}</text>`
  }
  return `<rect class="neat" x="1" y="1" width="${width - 2}" height="${height - 2}"/><rect class="outer" x="-9" y="-9" width="${width + 18}" height="${height + 18}"/>${numbers}`
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

const ink =
  ':root{--paper:#fbfcfa;--sea:#d3e5ea;--land:#f2f5e9;--high:#dcb992;--line:#b98a5e;--water:#3f87a3;--grid:#5d8ea3;--text:#22302c;--trig:#b3246b}'
const night =
  ':root{--paper:#101a19;--sea:#12303a;--land:#16211e;--high:#4f3f31;--line:#96714d;--water:#4e9dbb;--grid:#3f7288;--text:#d9e2dc;--trig:#f077b0}'
const tint = (step: number) => `.t${step}{fill:color-mix(in oklab,var(--high) ${step * 16}%,var(--land))}`
const marks = `${[0, 1, 2, 3, 4, 5].map(tint).join('')}
.paper{fill:var(--paper)}.sea{fill:var(--sea)}.relief path{stroke:var(--line);stroke-width:.8;stroke-linejoin:round}
.relief .index{stroke-width:1.7}.relief .shore{stroke:var(--water);stroke-width:1.6}.stream{fill:none;stroke:var(--water);stroke-linecap:round}
.grid{stroke:var(--grid);stroke-width:.6;opacity:.5;fill:none}.neat,.outer{fill:none;stroke:var(--text);stroke-width:1.4}.outer{stroke-width:.7}
text{font:600 15px Cabin,"Gill Sans","Gill Sans MT",Seravek,Calibri,"Liberation Sans",sans-serif;fill:var(--text);paint-order:stroke;stroke:var(--land);stroke-width:3.5px;stroke-linejoin:round;stroke-opacity:.75}
.metres{font-weight:400;font-size:13px;fill:color-mix(in oklab,var(--line) 60%,var(--text))}.farmname{font-weight:400;font-size:14px}
.water{font:italic 400 17px Georgia,"Liberation Serif",serif;fill:var(--water)}.number{font-weight:400;font-size:14px;stroke:none;opacity:.8}
.trig{fill:none;stroke:var(--trig);stroke-width:2.4;stroke-linejoin:round}.dot{fill:var(--trig)}.spot,.farm{fill:var(--text)}`
