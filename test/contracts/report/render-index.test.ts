import { describe, expect, it } from 'vitest';
import { renderReportIndex, type StoredCheck } from '#contracts';

const check: StoredCheck = {
  id: '1',
  contract: 'people',
  file: '<b>1</b>.csv',
  digest: 'a',
  sizeBytes: 1,
  rows: { in: 10, good: 8, bad: 1, rejected: 1 },
  verdict: 'fail',
  criticality: 'medium',
  summary: '',
  durationMs: 1,
  checkedAt: '2026-01-02T03:04:05.000000Z',
  reportDigest: null,
};

describe('renderReportIndex', () => {
  it('lists checks with their verdict, share and report', () => {
    const page = renderReportIndex([check, { ...check, id: '2', file: 'two.csv' }], {
      reportUrl: ({ id }) => `/reports/${id}`,
    });
    for (const said of [
      'href="/reports/1"',
      '&lt;b&gt;1&lt;/b&gt;.csv',
      '>20 %<',
      'medium',
      'unusable rows of people over time',
    ]) {
      expect(page).toContain(said);
    }
    expect(page).not.toMatch(/<script|<b>1|style="/);
  });

  it('counts a quarantined file as wholly unusable', () => {
    const rows = { in: 0, good: 0, bad: 0, rejected: 0 };
    const page = renderReportIndex([{ ...check, verdict: 'quarantined', criticality: 'high', rows }]);
    expect(page).toContain('>100 %<');
    expect(page).not.toContain('>0 %<');
  });

  it('makes no link of an address that is none', () => {
    for (const url of ['javascript:alert(1)', '//elsewhere', ' https://x', 'data:text/html,x']) {
      expect(renderReportIndex([check], { reportUrl: () => url })).not.toContain('href');
    }
  });

  it('shows that there is nothing yet', () => {
    expect(renderReportIndex([])).toContain('0 files');
  });
});
