import type { StoredCheck } from '../history/history.ts';
import { rowsChart } from './chart-image.ts';
import { count, percent, sparkline } from './charts.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';

export interface ReportIndexOptions {
  readonly title?: string;
  /** Address of a check's report; no link when absent. */
  readonly reportUrl?: (check: StoredCheck) => string | undefined;
}

/** Checks, newest first, as one self-contained page with the trend of each contract and a link to each report. */
export function renderReportIndex(checks: readonly StoredCheck[], options: ReportIndexOptions = {}): string {
  const title = options.title ?? 'Checked files';
  const contracts = [...new Set(checks.map(({ contract }) => contract))].sort();
  return page(
    title,
    html`<header><h1>${title}</h1></header>
<p class="muted">${count(checks.length)} files</p>
${contracts.map((contract) => trend(contract, checks))}${list(checks, options)}`,
  );
}

function unusable({ rows, verdict }: StoredCheck): number {
  // It is kept whole and none of it is used, however many of its rows could be counted.
  if (verdict === 'quarantined') return 1;
  return rows.in === 0 ? 0 : (rows.bad + rows.rejected) / rows.in;
}

function trend(contract: string, checks: readonly StoredCheck[]): Html {
  const own = checks.filter((check) => check.contract === contract).toReversed();
  const shares = own.map(unusable);
  const rows = own.reduce((sum, check) => sum + check.rows.in, 0);
  const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
  const label = `Share of unusable rows of ${contract} over time`;
  return html`<section><h2>${contract}</h2><div class="tiles"><div class="tile"><b>${count(own.length)}</b><span>files</span></div><div class="tile"><b>${count(rows)}</b><span>rows</span></div><div class="tile"><b>${percent(mean)}</b><span>unusable in a file on average</span></div></div>${sparkline(shares, { label, tone: 'bad' })}</section>`;
}

function list(checks: readonly StoredCheck[], { reportUrl }: ReportIndexOptions): Html {
  const lines = checks.map((check) => {
    const { file, verdict, criticality, rows, checkedAt } = check;
    const url = safeUrl(reportUrl?.(check));
    const name = url === undefined ? html`${file}` : html`<a href="${url}">${file}</a>`;
    return html`<tr><td>${name}<br><span class="muted">${checkedAt}</span></td><td><span class="badge ${verdict}">${verdict}</span></td><td class="wide ${criticality ?? ''}">${criticality ?? ''}</td><td class="n">${count(rows.in)}</td><td class="n">${percent(unusable(check))}</td><td class="wide">${rowsChart(rows)}</td></tr>`;
  });
  return html`<section><h2>Files</h2><div class="scroll"><table><thead><tr><th>File</th><th>Verdict</th><th class="wide">Criticality</th><th class="n">Rows</th><th class="n">Unusable</th><th class="wide">Good, bad, unreadable</th></tr></thead><tbody>${lines}</tbody></table></div></section>`;
}

/** Only relative and http addresses: no address that runs code. */
function safeUrl(url: string | undefined): string | undefined {
  return url !== undefined && /^(https?:\/\/|\/(?!\/)|[\w.-]+(\/|$))/.test(url) ? url : undefined;
}
