import { createHash } from 'node:crypto';
import { Html, html } from './html.ts';
import { type ColourScheme, STYLE } from './style.ts';

/** Digest of the one style element, for a server's own Content-Security-Policy. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

const HTML = '<html lang="en">';

/** A page within another one that is dark or light: in its colours, whatever the reader's system prefers. */
export function withScheme(page: string, scheme: ColourScheme): string {
  return page.replace(HTML, `<html lang="en" data-scheme="${scheme}">`);
}

/** A self-contained page: no script, no request, one style element. */
export function page(title: string, content: Html): string {
  const policy = `default-src 'none'; style-src ${STYLE_SOURCE}; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
${new Html(HTML)}
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`.text;
}
