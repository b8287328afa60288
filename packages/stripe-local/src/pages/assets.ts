import { script } from './script.ts'
import { stylesheet } from './styles/stylesheet.ts'
import { file } from './web/page.ts'
import { route } from './web/routes.ts'

/** Two stripes on a slip of paper. */
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f3557"/>
<path d="M7 21 L21 7 L25 11 L11 25 Z" fill="#e3a82b"/><path d="M7 13 L13 7 L16 10 L10 16 Z" fill="#e3a82b" opacity=".55"/></svg>`

/** What pages load: the stylesheet and the script (under addresses that change with their contents), and the icon. */
export const assetRoutes = [
  route('GET /_local/assets/{version}/pages.css', () => file('text/css; charset=utf-8', stylesheet, { cache: true })),
  route('GET /_local/assets/{version}/pages.js', () => file('text/javascript; charset=utf-8', script, { cache: true })),
  route('GET /_local/icon.svg', () => file('image/svg+xml', icon)),
  route('GET /favicon.ico', () => file('image/svg+xml', icon)),
]
