import { toSizeText } from '#store';
import { columnChart, count, percent, shareBar } from '../report/charts.ts';
import { type Html, html } from '../report/html.ts';
import { page } from '../report/page.ts';
import { type ColumnProfile, type Profile, QUANTILES } from './profile.ts';

const CORRELATIONS_SHOWN = 15;

/** What the page shows. */
export interface ProfilePageOptions {
  /** Whether single values of texts and categories are shown; off by default, because they may be personal. */
  readonly showValues?: boolean;
}

/** A profile as one self-contained page. */
export function renderProfile(profile: Profile, { showValues = false }: ProfilePageOptions = {}): string {
  const { file, rows, rejected, columns, sizeBytes, digest } = profile;
  const rejects = rejected > 0 ? `, ${count(rejected)} unreadable` : '';
  return page(
    `Profile of ${file}`,
    html`<header><h1>${file}</h1></header>
<p class="muted">${count(rows)} rows${rejects}, ${columns.length} columns, ${toSizeText(sizeBytes)}, SHA-256 <code>${digest}</code></p>
${columns.map((column) => columnSection(column, { rows, showValues }))}${correlationSection(profile)}`,
  );
}

function columnSection(column: ColumnProfile, { rows, showValues }: { rows: number; showValues: boolean }): Html {
  const { name, kind, nulls, distinct, distinctIsExact, moments, lengths } = column;
  const facts: readonly (readonly [string, string])[] = [
    ['Empty', rows === 0 ? '0' : `${count(nulls)} (${percent(nulls / rows)})`],
    ['Different values', `${distinctIsExact ? '' : 'about '}${count(distinct)}`],
    ...numberFacts(column),
    ...(moments === undefined
      ? []
      : ([
          ['From', moments.min],
          ['To', moments.max],
        ] as const)),
    ...(lengths === undefined ? [] : ([['Characters', `${count(lengths.min)} to ${count(lengths.max)}`]] as const)),
  ];
  return html`<section><h2>${name} <span class="muted">${kind}</span></h2><dl>${facts.map(([fact, value]) => html`<dt>${fact}</dt><dd>${value}</dd>`)}</dl>${histogram(column)}${showValues ? topValues(column, rows) : ''}</section>`;
}

function numberFacts({ kind, numbers }: ColumnProfile): readonly (readonly [string, string])[] {
  if (numbers === undefined) return [];
  const { min, max, mean, deviation, quantiles, zeros, negatives } = numbers;
  return [
    ['Range', `${short(min)} to ${short(max)}${kind === 'time' || kind === 'duration' ? ' hours' : ''}`],
    ['Mean ± deviation', `${short(mean)} ± ${short(deviation)}`],
    ['Quantiles', quantiles.map((value, at) => `${percent(QUANTILES[at] ?? 0)}: ${short(value)}`).join(', ')],
    ['Zeros, negatives', `${count(zeros)}, ${count(negatives)}`],
  ];
}

function histogram({ name, numbers }: ColumnProfile): Html {
  if (numbers === undefined || numbers.min === numbers.max) return html``;
  const width = (numbers.max - numbers.min) / numbers.histogram.length;
  const parts = numbers.histogram.map((rows, at) => ({
    rows,
    label: `${short(numbers.min + at * width)} to ${short(numbers.min + (at + 1) * width)}`,
  }));
  return columnChart(parts, `Histogram of ${name}`);
}

function topValues({ top, numbers }: ColumnProfile, rows: number): Html {
  if (top === undefined || top.length === 0 || numbers !== undefined) return html``;
  const lines = top.map(
    ({ value, rows: own }) =>
      html`<tr><td>${value}</td><td class="n">${count(own)}</td><td class="n">${percent(own / rows)}</td><td class="wide">${shareBar(own / rows, 'good')}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>Value</th><th class="n">Rows</th><th class="n">Share</th><th class="wide"></th></tr></thead><tbody>${lines}</tbody></table></div>`;
}

function correlationSection({ correlations }: Profile): Html {
  if (correlations.length === 0) return html``;
  const lines = correlations
    .slice(0, CORRELATIONS_SHOWN)
    .map(
      ({ a, b, value }) =>
        html`<tr><td>${a}</td><td>${b}</td><td class="n">${value.toFixed(3)}</td><td class="wide">${shareBar(Math.abs(value), value < 0 ? 'bad' : 'good')}</td></tr>`,
    );
  return html`<section><h2>Correlations</h2><div class="scroll"><table><thead><tr><th>Column</th><th>with</th><th class="n">Pearson's r</th><th class="wide"></th></tr></thead><tbody>${lines}</tbody></table></div></section>`;
}

function short(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
}
