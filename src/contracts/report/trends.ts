import type { Trends } from '../history/trends.ts';
import { count, sparkline } from './charts.ts';
import { escapeText, type Html, html } from './html.ts';

const UNUSABLE = 'rows';
const keyOf = (expectation: string, column: string | null | undefined): string =>
  `expectation ${column ?? ''} ${expectation}`;

/** A placeholder where a report shows the trend; empty until it is filled. */
export const unusableTrendPlace = (): Html => place(UNUSABLE);
export const expectationTrendPlace = (expectation: string, column: string | undefined): Html =>
  place(keyOf(expectation, column));

function place(key: string): Html {
  return html`<span data-trend="${key}"></span>`;
}

/**
 * Fills the trends into a report. They are not part of the stored report, which depends on one file only, so that
 * another check of the same file gives the same report.
 */
export function withTrends(report: string, { unusable, expectations }: Trends): string {
  const charts = new Map([
    [
      UNUSABLE,
      html`<p class="muted">Unusable rows in the last ${count(unusable.length)} files</p>${sparkline(unusable, { label: 'Share of unusable rows over time', tone: 'bad' })}`,
    ],
    ...expectations.map(({ expectation, column, shares }) => {
      const label = `Share of rows against ${column === null ? '' : `${column}: `}${expectation} over time`;
      return [escapeText(keyOf(expectation, column)), sparkline(shares, { label, tone: 'bad' })] as const;
    }),
  ]);
  if (unusable.length < 2) charts.delete(UNUSABLE);
  return report.replaceAll(/<span data-trend="([^"]*)"><\/span>/g, (_, key: string) => charts.get(key)?.text ?? '');
}
