import { describe, expect, it } from 'vitest';
import { type CheckResult, renderReport, rowsImage, trendImage, withTrends } from '#contracts';

const HOSTILE = `<script>alert(1)</script>"'&<img src=x onerror=alert(2)>\u202egpj`;

const result: CheckResult = {
  contract: 'people',
  file: 'people-1.csv',
  digest: 'a'.repeat(64),
  sizeBytes: 1_234_567,
  rows: { in: 1000, good: 977, bad: 21, rejected: 2 },
  verdict: 'fail',
  criticality: 'low',
  violations: [
    {
      expectation: 'in-range',
      column: 'age',
      category: 'out-of-range',
      severity: 'fail',
      rows: 21,
      share: 0.021,
      sentence: 'age is between 0 and 100',
      examples: [
        { at: 'line', number: 1204, values: [{ column: 'age', text: '1_0' }] },
        { at: 'line', number: 1300, values: [{ column: 'age', text: null }] },
      ],
    },
    {
      expectation: 'mean-between',
      column: 'age',
      category: 'distribution',
      severity: 'warn',
      rows: 0,
      share: 0,
      sentence: 'the mean of age is at most 60; found 71',
    },
  ],
  expectations: [
    { expectation: 'in-range', column: 'age', severity: 'fail', rows: 21, sentence: 'age is between 0 and 100' },
    { expectation: 'not-null', column: 'sex', severity: 'fail', rows: 0, sentence: 'sex is never empty' },
  ],
  columns: [{ name: 'age', nulls: 3, mean: 29.5 }],
  summary: '1000 rows: 977 good, 21 bad, 2 unreadable',
  durationMs: 12.345,
};

describe('renderReport', () => {
  it('names the lines and the values of the first rows that are wrong', () => {
    const page = renderReport(result);
    expect(page).toContain('<li>line 1,204: age <code>1_0</code></li>');
    expect(page).toContain('<li>line 1,300: age <i class="muted">not shown</i></li>');
    expect(page).toContain('and 19 more');
    const examples = [{ at: 'line', number: 2, values: [{ text: HOSTILE }] }] as const;
    expect(renderReport({ ...result, violations: [{ ...result.violations[0]!, examples }] })).toContain(
      '<li>line 2: <code>&lt;script&gt;',
    );
  });

  it('says what was found', () => {
    const page = renderReport(result, { checkedAt: '2026-01-02T03:04:05.678Z' });
    for (const said of [
      'people-1.csv',
      'Fail',
      'low criticality',
      '>977<',
      '97.7 %',
      '2.1 %',
      '1 of 2 met',
      '1.2 MB',
      '29.5',
      '2026-01-02 03:04:05 UTC',
    ]) {
      expect(page).toContain(said);
    }
  });

  it('is the same for the same result', () => {
    expect(renderReport(result)).toBe(renderReport(structuredClone(result)));
  });

  it('needs nothing from outside and runs nothing', () => {
    const page = renderReport(result);
    expect(page.match(/<style>/g)).toHaveLength(1);
    expect(page).not.toMatch(/<script|<link|<img|\bon\w+=|style="|url\(|https?:/);
    expect(page).toMatch(/default-src 'none'|default-src &#39;none&#39;/);
  });

  it('shows hostile names as text', () => {
    const page = renderReport({
      ...result,
      file: HOSTILE,
      contract: HOSTILE,
      summary: HOSTILE,
      violations: [{ ...result.violations[0]!, column: HOSTILE, sentence: HOSTILE, expectation: HOSTILE }],
      expectations: [{ ...result.expectations[0]!, sentence: HOSTILE }],
      columns: [{ name: HOSTILE, nulls: 1 }],
    });
    expect(page).not.toMatch(/<script|<img|\u202e/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
    // Every tag of the page is one that the report itself writes.
    const tags = new Set([...page.matchAll(/<([a-z0-9]+)/g)].map(([, tag]) => tag));
    const own =
      'html head meta title style body main header h1 span p section h2 div b i svg rect table thead tbody tr th td br code ul li dl dt dd';
    expect([...tags].filter((tag) => !own.split(' ').includes(tag ?? ''))).toEqual([]);
  });

  it('says that a quarantined file is kept whole', () => {
    const rows = { in: 0, good: 0, bad: 0, rejected: 0 };
    const page = renderReport({
      ...result,
      verdict: 'quarantined',
      rows,
      violations: [],
      expectations: [],
      columns: [],
    });
    expect(page).toContain('kept whole');
  });

  it('shows one bad row among millions', () => {
    const rows = { in: 5_000_000, good: 4_999_999, bad: 1, rejected: 0 };
    const page = renderReport({ ...result, rows, violations: [{ ...result.violations[0]!, rows: 1, share: 1 / 5e6 }] });
    expect(page).toContain('&lt; 0.01 %');
    expect(page).toContain('&gt; 99.99 %');
    expect(page).not.toContain('100 %');
  });
});

describe('withTrends', () => {
  const expectations = [{ expectation: 'in-range', column: 'age', shares: [0, 0.5, 0.021] }];

  it('shows how the files before went, for the file and for each expectation', () => {
    const page = withTrends(renderReport(result), { unusable: [0, 0.5, 0.023], expectations });
    expect(page).toContain('Unusable rows in the last 3 files');
    expect(page).toContain('aria-label="Share of rows against age: in-range over time"');
    expect(page.match(/class="line"/g)).toHaveLength(2);
    expect(page).not.toContain('data-trend');
  });

  it('shows nothing for the first file, and finds a column however it is called', () => {
    expect(withTrends(renderReport(result), { unusable: [0.023], expectations: [] })).not.toContain('class="line"');
    const odd = { ...result, expectations: [{ ...result.expectations[0]!, column: HOSTILE }] };
    const page = withTrends(renderReport(odd), {
      unusable: [0, 0],
      expectations: [{ expectation: 'in-range', column: HOSTILE, shares: [0, 0.1] }],
    });
    expect(page.match(/class="line"/g)).toHaveLength(2);
    expect(page).not.toMatch(/<script|<img/);
  });
});

describe('the charts of a report as images', () => {
  it('are those of the report, in the colours asked for', () => {
    const light = rowsImage(result.rows, 'light');
    expect(light).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]*><style>:root\{/);
    expect(light).not.toBe(rowsImage(result.rows, 'dark'));
    const [, bars] = /(<rect.*)<\/svg>/.exec(light) ?? [];
    expect(renderReport(result)).toContain(bars);
    expect(trendImage([0, 0.2], 'dark')).toContain('<path');
    expect(trendImage([0], 'dark')).not.toContain('<path');
  });
});
