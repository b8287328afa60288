export const hosted = ``
