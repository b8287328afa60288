import { versionOf } from '../web/version.ts'
import { base } from './base.ts'
import { dashboard } from './dashboard.ts'
import { hosted } from './hosted.ts'
import { parts } from './parts.ts'
import { portal } from './portal.ts'
import { tokens } from './tokens.ts'

/** The one stylesheet of all pages. */
export const stylesheet = `@layer tokens, base, parts, pages;
${[tokens, base, parts, hosted, portal, dashboard].join('')}`

export const stylesheetUrl = `/_local/assets/${versionOf(stylesheet)}/pages.css`
