export const dashboard = ``
