import { randomFrom } from './random.ts'

/** The characters of ground that a survey can be of. */
export const characters = ['highland', 'island', 'moor', 'vale'] as const
export type Character = (typeof characters)[number]

/** Heights in metres above the water on a grid of points 50 m apart; below zero is water. Row after row. */
export type Terrain = { readonly columns: number; readonly rows: number; readonly heights: Float64Array }

export const columns = 121
export const rows = 85
/** Metres between two points of the grid. */
export const spacing = 50

/** Surveys a place: the same name and character always give the same ground. */
export function survey(name: string, character: Character): Terrain {
  const random = randomFrom(`${character}/${name.trim().toLowerCase()}`)
  const noise = noiseFrom(random)
  const lean = { x: random() - 0.5, y: random() - 0.5 }
  const heights = new Float64Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = column / columns
      const y = row / columns
      heights[row * columns + column] = shapes[character]({ noise, x, y, lean })
    }
  }
  return { columns, rows, heights }
}

type Ground = { noise: Noise; x: number; y: number; lean: { x: number; y: number } }

const shapes: Record<Character, (ground: Ground) => number> = {
  highland: ({ noise, x, y, lean }) => {
    const ridges = (1 - Math.abs(fold(noise, x * 2.3, y * 2.3, 5))) ** 2.4
    return ridges * 760 + fold(noise, x * 5 + 9, y * 5, 4) * 150 + (x - 0.5) * lean.x * 500 - 90
  },
  island: ({ noise, x, y }) => {
    const away = Math.hypot((x - 0.5) * 1.06, (y - 0.35) * 1.4)
    const relief = fold(noise, x * 3, y * 3, 5) * 330 + (1 - Math.abs(fold(noise, x * 2 + 5, y * 2, 4))) ** 3 * 330
    return relief + 330 - away * 1350
  },
  moor: ({ noise, x, y, lean }) =>
    fold(noise, x * 2.6, y * 2.6, 4) * 210 + fold(noise, x * 8, y * 8 + 3, 3) * 26 + 215 + (y - 0.35) * lean.y * 360,
  vale: ({ noise, x, y, lean }) => {
    const middle = 0.35 + Math.sin(x * 5 + lean.x * 6) * 0.08 + fold(noise, x * 2, 7, 3) * 0.12
    const side = Math.abs(y - middle)
    return Math.min(1, side * 3.4) ** 1.35 * 470 + fold(noise, x * 4, y * 4, 5) * (70 + side * 420) + x * 30 - 8
  },
}

type Noise = (x: number, y: number) => number

/** Octaves of noise laid over each other, about −1 to 1. */
function fold(noise: Noise, x: number, y: number, octaves: number): number {
  let sum = 0
  for (let octave = 0; octave < octaves; octave++) {
    const scale = 2 ** octave
    sum += noise(x * scale + octave * 17.3, y * scale - octave * 9.1) / scale ** 1.08
  }
  return sum
}

/** Gradient noise (Perlin's) over a shuffled table of directions. */
function noiseFrom(random: () => number): Noise {
  const table = Array.from({ length: 256 }, () => random() * Math.PI * 2)
  const slope = (ix: number, iy: number, dx: number, dy: number) => {
    const angle = table[(Math.imul(ix, 73) + Math.imul(iy, 151)) & 255] ?? 0
    return Math.cos(angle) * dx + Math.sin(angle) * dy
  }
  const ease = (t: number) => t * t * t * (t * (t * 6 - 15) + 10)
  const between = (a: number, b: number, t: number) => a + (b - a) * t
  return (x, y) => {
    const ix = Math.floor(x)
    const iy = Math.floor(y)
    const dx = x - ix
    const dy = y - iy
    const top = between(slope(ix, iy, dx, dy), slope(ix + 1, iy, dx - 1, dy), ease(dx))
    const bottom = between(slope(ix, iy + 1, dx, dy - 1), slope(ix + 1, iy + 1, dx - 1, dy - 1), ease(dx))
    return between(top, bottom, ease(dy)) * 1.4
  }
}
