/** A drawing carries its own style and nothing that runs. */
export const svgHeaders = (cacheControl: string) => ({
  'content-type': 'image/svg+xml; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'cache-control': cacheControl,
})
