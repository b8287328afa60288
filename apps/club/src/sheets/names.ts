import { pick } from './random.ts'

const first = ['Hollin', 'Carr', 'Aske', 'Birk', 'Thorn', 'Wether', 'Brun', 'Sleight', 'Rook', 'Ellers', 'Gris', 'Lang', 'Hest', 'Mickle', 'Yarl', 'Stan', 'Corbie', 'Withen', 'Fold', 'Garth'] as const // biome-ignore format: one list, one line
const heights = ['Fell', 'Pike', 'Howe', 'Crag', 'Rigg', 'Knott', 'Dodd', 'Seat', 'Scar', 'Top'] as const
const waters = ['Beck', 'Gill', 'Water', 'Burn', 'Syke'] as const
const farms = ['thwaite', 'by', 'wick', 'ham', 'stead', 'garth', 'ley', 'ton'] as const

export const nameHeight = (random: () => number) => `${pick(random, first)} ${pick(random, heights)}`
export const nameWater = (random: () => number) => `${pick(random, first)} ${pick(random, waters)}`
export const nameFarm = (random: () => number) => `${pick(random, first)}${pick(random, farms)}`
