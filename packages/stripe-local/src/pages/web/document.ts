import { html } from 'hono/html'
import { scriptUrl } from '../script.ts'
import { stylesheetUrl } from '../styles/stylesheet.ts'
import type { Html } from './page.ts'

/** In plain sight on every page, so that nobody takes one of them for the real thing. */
export const noticeText = 'a test page on this computer. No money moves.'

/**
 * The frame of every page.
 *
 * @param options.kind `hosted` for the pages of the merchant's customers, `dashboard` for the developer's
 */
export const documentOf = (options: { title: string; kind: 'hosted' | 'dashboard'; body: Html }): Html =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${options.title} · Stripe Local</title>
<link rel="stylesheet" href="${stylesheetUrl}">
<link rel="icon" href="/_local/icon.svg" type="image/svg+xml">
<script src="${scriptUrl}" defer></script>
</head>
<body class="${options.kind}">
<a class="skip" href="#main">Skip to the content</a>
<p class="notice"><span><strong>Stripe Local</strong> — ${noticeText}</span></p>
${options.body}
</body>
</html>
`

/** The frame of a page for a merchant's customer: one column, or a summary beside what is to be done. */
export const hostedDocument = (title: string, body: Html): Html => documentOf({ title, kind: 'hosted', body })

/** A page that says one thing and what to do next. */
export const messageDocument = (options: { title: string; text: Html | string; action?: Html; mark?: Html }): Html =>
  hostedDocument(
    options.title,
    html`<main id="main" class="message" tabindex="-1">
${options.mark}
<h1>${options.title}</h1>
<p>${options.text}</p>
${options.action && html`<p class="actions">${options.action}</p>`}
</main>`,
  )
