import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Hono } from 'hono'

const folder = new URL('../../public/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder))

/** One stylesheet out of the parts, in the order of its layers; its path changes with its content. */
export const stylesheet = (() => {
  const parts = ['base', 'layout', 'controls', 'forms', 'home', 'plans', 'rooms', 'account', 'staff']
  const layers = `@layer ${parts.join(', ')};\n`
  const text = layers + parts.map((part) => read(`${part}.css`).toString()).join('\n')
  const version = createHash('sha256').update(text).digest('hex').slice(0, 10)
  return { path: `/assets/club-${version}.css`, text }
})()

const icon = read('icon.svg').toString()
const font = new Uint8Array(read('cabin.woff2'))
const aYear = 'public, max-age=31536000, immutable'

export const assets = new Hono()
  .get(stylesheet.path.replace('/assets', ''), (c) =>
    c.body(stylesheet.text, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': aYear }),
  )
  .get('/cabin.woff2', (c) => c.body(font, 200, { 'content-type': 'font/woff2', 'cache-control': aYear }))
  .get('/icon.svg', (c) =>
    c.body(icon, 200, { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' }),
  )
