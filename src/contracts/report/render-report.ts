import { toSizeText } from '#store';
import type { CheckResult } from '../check-result.ts';
import { partsOfRows, rowsChart } from './chart-image.ts';
import { count, percent, shareBar } from './charts.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { partsPlace } from './parts.ts';
import { expectationTrendPlace, unusableTrendPlace } from './trends.ts';

export interface ReportOptions {
  /** When the file was checked, ISO 8601; left out of the page when absent, so that equal results give equal pages. */
  readonly checkedAt?: string;
}

const VERDICTS: Readonly<Record<CheckResult['verdict'], string>> = {
  pass: 'Pass',
  warn: 'Pass with warnings',
  fail: 'Fail',
  quarantined: 'Quarantined',
};

/** A check as one self-contained page: no script, no request; hostile names in the file stay text. */
export function renderReport(result: CheckResult, options: ReportOptions = {}): string {
  return page(
    `${VERDICTS[result.verdict]}: ${result.file}`,
    html`${head(result, options)}${rowsSection(result)}${problemsSection(result)}${categoriesSection(result)}${expectationsSection(result)}${uncheckedSection(result)}${coercedSection(result)}${columnsSection(result)}${partitionsSection(result)}${aboutSection(result, options)}`,
  );
}

function head({ file, verdict, criticality, summary, contract }: CheckResult, { checkedAt }: ReportOptions): Html {
  const badge =
    criticality === undefined ? html`` : html`<span class="badge ${criticality}">${criticality} criticality</span>`;
  const when = checkedAt === undefined ? html`` : html` on <time datetime="${checkedAt}">${moment(checkedAt)}</time>`;
  return html`<header><h1>${file}</h1><span class="badge ${verdict}">${VERDICTS[verdict]}</span>${badge}</header>
<p class="muted">Checked against contract ${contract}${when}</p>
<p>${summary}</p>${partsPlace()}`;
}

function rowsSection({ rows, verdict }: CheckResult): Html {
  if (verdict === 'quarantined') {
    return html`<section><h2>Rows</h2><p>The file is kept whole: its rows could not be told apart with certainty.</p></section>`;
  }
  return html`<section><h2>Rows</h2>
<div class="tiles"><div class="tile"><b>${count(rows.in)}</b><span>in the file</span></div>${partsOfRows(rows).map(
    ({ label, value, tone }) =>
      html`<div class="tile"><b class="${tone}">${count(value)}</b><span><i class="key ${tone}"></i>${label}${rows.in === 0 ? '' : `, ${percent(value / rows.in)}`}</span></div>`,
  )}</div>
${rowsChart(rows)}${unusableTrendPlace()}</section>`;
}

function problemsSection({ violations, rows }: CheckResult): Html {
  if (violations.length === 0) return html`<section><h2>Problems</h2><p class="good">None.</p></section>`;
  const lines = [...violations]
    .sort((a, b) => a.severity.localeCompare(b.severity) || b.rows - a.rows)
    .map(
      (violation) => html`<tr><td><span class="badge ${violation.severity}">${violation.severity}</span></td>
<td>${violation.sentence}<br><span class="muted"><code>${violation.column === undefined ? '' : `${violation.column}: `}${violation.expectation}</code></span>${examplesList(violation)}</td>
<td class="wide">${violation.category}</td><td class="n">${violation.rows === 0 ? 'file' : count(violation.rows)}</td>
<td class="n">${violation.rows === 0 ? '' : percent(violation.share)}</td><td class="wide">${violation.rows === 0 ? '' : shareBar(violation.share, violation.severity)}</td></tr>`,
    );
  const note =
    rows.bad > 0 ? html`<p class="muted">A row can break several rules and is then counted in each.</p>` : html``;
  return html`<section><h2>Problems</h2>${note}<div class="scroll"><table><thead><tr><th>Severity</th><th>What was expected or found</th><th class="wide">Category</th><th class="n">Rows</th><th class="n">Share</th><th class="wide"></th></tr></thead><tbody>${lines}</tbody></table></div></section>`;
}

/** The first rows with the violation, so that a person finds them in the file. */
function examplesList({ examples = [], rows }: CheckResult['violations'][number]): Html {
  if (examples.length === 0) return html``;
  const items = examples.map(({ partition, at, number, values }) => {
    const shown = values.map(({ column, text }, index) => {
      const name = column === undefined ? '' : `${column} `;
      return html`${index === 0 ? ': ' : ', '}${name}${valueHtml(text)}`;
    });
    const place = partition === undefined ? '' : `${partition}, `;
    return html`<li>${place}${at} ${count(number)}${shown}</li>`;
  });
  const more = rows - examples.length;
  return html`<ul class="examples">${items}${more > 0 ? html`<li class="muted">and ${count(more)} more</li>` : ''}</ul>`;
}

function valueHtml(text: string | null): Html {
  if (text === null) return html`<i class="muted">not shown</i>`;
  return text === '' ? html`<i class="muted">empty</i>` : html`<code>${text}</code>`;
}

function categoriesSection({ violations }: CheckResult): Html {
  const totals = new Map<string, { rows: number; rules: number }>();
  for (const { category, rows } of violations) {
    const before = totals.get(category) ?? { rows: 0, rules: 0 };
    totals.set(category, { rows: before.rows + rows, rules: before.rules + 1 });
  }
  if (totals.size < 2) return html``;
  const most = Math.max(1, ...[...totals.values()].map(({ rows }) => rows));
  const lines = [...totals]
    .sort(([, a], [, b]) => b.rows - a.rows)
    .map(
      ([category, { rows, rules }]) =>
        html`<tr><td>${category}</td><td class="n">${rules}</td><td class="n">${count(rows)}</td><td>${shareBar(rows / most, 'bad')}</td></tr>`,
    );
  return html`<section><h2>Problems by category</h2><div class="scroll"><table><thead><tr><th>Category</th><th class="n">Rules</th><th class="n">Rows</th><th></th></tr></thead><tbody>${lines}</tbody></table></div></section>`;
}

function expectationsSection({ expectations, rows }: CheckResult): Html {
  if (expectations.length === 0) return html``;
  const lines = expectations.map(({ expectation, column, sentence, severity, rows: violating }) => {
    const tone = violating === 0 ? 'pass' : severity;
    const met = violating === 0 ? 'met' : severity === 'warn' ? 'warned' : 'not met';
    const share = rows.in === 0 ? 0 : violating / rows.in;
    return html`<tr><td class="${tone}">${met}</td><td>${sentence}</td><td class="n">${violating === 0 ? '' : count(violating)}</td><td class="n">${violating === 0 ? '' : percent(share)}</td><td class="wide">${expectationTrendPlace(expectation, column)}</td></tr>`;
  });
  const met = expectations.filter(({ rows: violating }) => violating === 0).length;
  return html`<section><h2>Expectations</h2><p class="muted">${met} of ${expectations.length} met</p><div class="scroll"><table><thead><tr><th></th><th>Expectation</th><th class="n">Rows against it</th><th class="n">Share</th><th class="wide"></th></tr></thead><tbody>${lines}</tbody></table></div></section>`;
}

function uncheckedSection({ unchecked = [] }: CheckResult): Html {
  if (unchecked.length === 0) return html``;
  const lines = unchecked.map(
    ({ path, rule, reason }) =>
      html`<tr><td>${rule}<br><span class="muted"><code>${path}</code></span></td><td>${reason}</td></tr>`,
  );
  return html`<section><h2>Not checked</h2><p class="muted">What the contract requires and this check did not evaluate.</p><div class="scroll"><table><thead><tr><th>Rule</th><th>Why</th></tr></thead><tbody>${lines}</tbody></table></div></section>`;
}

function coercedSection({ coerced }: CheckResult): Html {
  if (coerced === undefined) return html``;
  const lines = Object.entries(coerced).flatMap(([column, counts]) =>
    Object.entries(counts).map(
      ([coercion, cells]) => html`<tr><td>${column}</td><td>${coercion}</td><td class="n">${count(cells)}</td></tr>`,
    ),
  );
  return html`<section><h2>Changed cells</h2><p class="muted">Cells that were changed as the contract allows. The file has them as they were.</p><div class="scroll"><table><thead><tr><th>Column</th><th>Change</th><th class="n">Cells</th></tr></thead><tbody>${lines}</tbody></table></div></section>`;
}

function columnsSection({ columns, rows }: CheckResult): Html {
  if (columns.length === 0) return html``;
  const total = rows.good + rows.bad;
  const lines = columns.map(({ name, nulls, mean }) => {
    const share = total === 0 ? 0 : nulls / total;
    return html`<tr><td>${name}</td><td class="n">${count(nulls)}</td><td class="n">${percent(share)}</td><td class="wide">${shareBar(share, 'warn')}</td><td class="n">${mean === undefined ? '' : Number(mean.toPrecision(6))}</td></tr>`;
  });
  return html`<section><h2>Columns</h2><div class="scroll"><table><thead><tr><th>Column</th><th class="n">Empty</th><th class="n">Share</th><th class="wide"></th><th class="n">Mean</th></tr></thead><tbody>${lines}</tbody></table></div></section>`;
}

/** More would make the page slow; the manifest names all. */
const PARTITIONS_MAX = 1000;

function partitionsSection({ partitions }: CheckResult): Html {
  if (partitions === undefined) return html``;
  const lines = partitions
    .slice(0, PARTITIONS_MAX)
    .map(
      ({ name, rows }) =>
        html`<tr><td>${name}</td>${[rows.in, rows.good, rows.bad, rows.rejected].map((each) => html`<td class="n">${count(each)}</td>`)}</tr>`,
    );
  const more = partitions.length - lines.length;
  return html`<section><h2>Files</h2>${more > 0 ? html`<p class="muted">The first ${count(lines.length)} of ${count(partitions.length)}.</p>` : ''}<div class="scroll"><table><thead><tr><th>File</th><th class="n">Rows</th><th class="n">Good</th><th class="n">Bad</th><th class="n">Rejected</th></tr></thead><tbody>${lines}</tbody></table></div></section>`;
}

function aboutSection(result: CheckResult, { checkedAt }: ReportOptions): Html {
  const facts = [
    [result.partitions === undefined ? 'File' : 'Dataset', result.file],
    ['Size', toSizeText(result.sizeBytes)],
    ['SHA-256', result.digest],
    ['Contract', result.contract],
    ...(result.references ?? []).map(({ dataset, digest, rows }) => [
      `Compared with ${dataset}`,
      `${count(rows)} rows, SHA-256 ${digest}`,
    ]),
    ['Time taken', `${Number(result.durationMs.toPrecision(3))} ms`],
    ...(checkedAt === undefined ? [] : [['Checked at', checkedAt]]),
  ];
  return html`<section><h2>About this check</h2><dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`;
}

function moment(iso: string): string {
  return iso.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC');
}
