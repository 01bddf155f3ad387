export type ColourScheme = 'light' | 'dark';

const COLOURS = {
  light:
    '--page:#f6f7f9;--card:#fff;--text:#1b2430;--muted:#5b6675;--line:#dfe3e9;--good:#1a7f4b;--warn:#9a6700;--bad:#c0342b;--rejected:#6b3fa0;--track:#e9ecf1;--accent:#2458c5',
  dark: '--page:#12161c;--card:#1a2029;--text:#e6eaf0;--muted:#9aa6b5;--line:#2c3542;--good:#4cc38a;--warn:#e0a83a;--bad:#ff7b72;--rejected:#b794f6;--track:#2a323e;--accent:#7aa7ff',
} as const;
const TONES =
  '.pass,.good{color:var(--good)}.warn,.medium{color:var(--warn)}.fail,.bad,.quarantined,.high{color:var(--bad)}.low{color:var(--muted)}.rejected{color:var(--rejected)}';

/** The colours of charts, for a stand-alone image. */
export const coloursOf = (scheme: keyof typeof COLOURS): string => `:root{${COLOURS[scheme]}}${TONES}`;

/** Styles of all self-contained pages: dark and light by the reader's setting, narrow screens, print. */
export const STYLE = `
:root{color-scheme:light dark;${COLOURS.light}}
@media (prefers-color-scheme:dark){:root{${COLOURS.dark}}}
:root[data-scheme=light]{color-scheme:light;${COLOURS.light}}
:root[data-scheme=dark]{color-scheme:dark;${COLOURS.dark}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
main{max-width:1000px;margin:0 auto;padding:24px 16px 48px}
header{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin-bottom:4px}
h1{font-size:1.45rem;line-height:1.25;margin:0;min-width:0}
h2{font-size:1.05rem;margin:0 0 12px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin-top:16px}
p{margin:0 0 8px}
.muted{color:var(--muted)}
.badge{display:inline-block;border-radius:999px;padding:2px 12px;font-weight:600;font-size:.9rem;border:1.5px solid currentColor;white-space:nowrap}
${TONES}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:12px;margin-bottom:12px}
.tile b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tile span{color:var(--muted);font-size:.85rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th{text-align:left;overflow-wrap:normal;color:var(--muted);font-weight:600;font-size:.82rem;padding:4px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:bottom}
td{padding:7px 12px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td:last-child,th:last-child{padding-right:0}
a{color:var(--accent)}
code{font:.88em ui-monospace,SFMono-Regular,Menlo,monospace}
ul.examples{margin:6px 0 0;padding-left:18px;font-size:.88rem;overflow-wrap:anywhere}.examples code{white-space:pre-wrap;background:var(--track);border-radius:3px;padding:0 4px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0}
dt{color:var(--muted)}dd{margin:0;min-width:0}
:root[data-scheme] body{background:transparent}:root[data-scheme] main{max-width:none;padding:1px 0 16px}
svg{display:block;max-width:100%}
.bar{width:100%;height:24px;border-radius:5px}.share{width:100px;height:8px;margin-top:7px}.line{width:200px;height:42px}.columns{width:100%;height:110px;margin-top:12px;border-bottom:1px solid var(--line)}
.key{display:inline-block;width:.7em;height:.7em;border-radius:2px;background:currentColor;margin-right:.4em}
@media (max-width:560px){main{padding:16px 10px 32px}section{padding:12px}.wide{display:none}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:6px}}
@media print{body{background:#fff}section{break-inside:avoid;border-color:#bbb}main{max-width:none;padding:0}.scroll{overflow:visible}}
`.trim();
