export const portal = ``
