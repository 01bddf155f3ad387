import type { CheckResult } from '../check-result.ts';
import { type Share, sparkline, stackedBar } from './charts.ts';
import type { Html } from './html.ts';
import { type ColourScheme, coloursOf } from './style.ts';

/** The chart that a report draws for the rows of a file, as an SVG image of its own. */
export function rowsImage(rows: CheckResult['rows'], scheme: ColourScheme): string {
  return toImage(rowsChart(rows), scheme);
}

/** The same for the share of unusable rows over time, oldest first; an empty image for fewer than two values. */
export function trendImage(unusable: readonly number[], scheme: ColourScheme): string {
  const chart = sparkline(unusable, { label: 'Share of unusable rows over time', tone: 'bad' });
  return chart.text === '' ? '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 42"/>' : toImage(chart, scheme);
}

/** The kinds of rows, as every chart and number of a report names and colours them. */
export const partsOfRows = (rows: CheckResult['rows']): readonly Share[] => [
  { label: 'Good', value: rows.good, tone: 'good' },
  { label: 'Bad', value: rows.bad, tone: 'bad' },
  { label: 'Unreadable', value: rows.rejected, tone: 'rejected' },
];

export function rowsChart(rows: CheckResult['rows']): Html {
  const label = `${rows.good} good, ${rows.bad} bad and ${rows.rejected} unreadable rows`;
  return stackedBar(partsOfRows(rows), label);
}

/** An image has no page around it whose style sheet would colour it. */
function toImage(chart: Html, scheme: ColourScheme): string {
  return chart.text
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace('>', `><style>${coloursOf(scheme)}</style>`);
}
