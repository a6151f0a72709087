import { createHash } from 'node:crypto';
import { Html, html } from '../report/html/template.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #c8ccd0; --dim: #5a6069; --bad: #b3261e; --good: #1b6e3c; --warn: #8a5300 }
@media (prefers-color-scheme: dark) {
  :root { --line: #3c4147; --dim: #a3a9b1; --bad: #ff8a80; --good: #7fd69c; --warn: #ffc46b }
}
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem }
h1 { font-size: 1.3rem; margin: 0 0 .3rem } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem }
table { border-collapse: collapse; width: 100% } .scroll { overflow-x: auto }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } td { overflow-wrap: anywhere }
@media (min-width: 60rem) { td.w { overflow-wrap: normal; white-space: nowrap } }
dl { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin: .8rem 0 } dt { color: var(--dim); font-size: .85rem }
dd { font-size: 1.3rem; margin: 0; font-variant-numeric: tabular-nums }
.dim { color: var(--dim) } .bad { color: var(--bad) } .good { color: var(--good) } .warn { color: var(--warn) }
a { color: inherit } a:focus-visible { outline: 3px solid currentColor; outline-offset: 2px }
.skip { position: absolute; left: -999rem } .skip:focus { position: static }
`;

/** What pages may load and do: their own style, and nothing else. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A whole page. `refreshS`: loads itself again after so many seconds; null for never. */
export function page(title: string, body: Html, refreshS: number | null = null): string {
  const refresh = refreshS === null ? null : html`<meta http-equiv="refresh" content="${refreshS}">`;
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refresh}
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<main id="main">
${body}
</main>
</body>
</html>
`;
  return text;
}
