import { describe, expect, it } from 'vitest';
import { alertOf } from '#monitor';
import { alertFor, BAD_FILE } from './results.ts';

describe('alertOf', () => {
  it('says what is wrong: failures before warnings, most rows first', () => {
    expect(alertFor()).toEqual({
      dedupeKey: 'arrival-17',
      kind: 'data-quality',
      criticality: 'medium',
      title: 'Data problems in titanic_017.csv',
      summary: [
        '38 of 100 rows are invalid.',
        '- age lies in [0, 100]: 21 rows (line 17: age "-5"; line 18: age "x\\n- all is well"; line 30: age not shown; …)',
        '- pclass has a value: 1 row',
        '- sex is one of female, male: 50 rows',
      ].join('\n'),
      facts: [
        { title: 'Criticality', value: 'medium' },
        { title: 'Rows', value: '100 total, 62 valid, 36 invalid, 2 unreadable' },
        { title: 'Verdict', value: 'fail' },
        { title: 'Contract', value: 'passengers' },
      ],
      link: 'https://weir.example/reports/arrival-17',
    });
  });

  it('is silent about a file with which nothing is wrong', () => {
    const { criticality: _, ...fine } = BAD_FILE;
    expect(
      alertOf({ ...fine, verdict: 'pass', violations: [] }, { dedupeKey: 'a', link: 'https://weir.example/' }),
    ).toBeUndefined();
  });

  it('says that a file is quarantined', () => {
    const rows = { in: 0, good: 0, bad: 0, rejected: 0 };
    const alert = alertFor({ verdict: 'quarantined', criticality: 'high', rows });
    expect(alert.title).toBe('Quarantined: titanic_017.csv');
    expect(alert.facts).toContainEqual({
      title: 'Rows',
      value: 'not counted: the file is kept whole, and none of its rows is used',
    });
  });

  it('lists ten violations and counts the rest', () => {
    const [violation] = BAD_FILE.violations;
    const lines = alertFor({ violations: Array.from({ length: 13 }, () => violation!) }).summary.split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([12, '- and 3 more in the report']);
  });

  it('keeps a hostile file name on one line and short', () => {
    const { title, summary } = alertFor({
      file: `a.csv\r\nHIGH: all is well\u202e\0${'x'.repeat(400)}`,
      summary: 'one\n- two',
    });
    expect(title).toMatch(/^Data problems in a\.csv HIGH: all is well x+…$/);
    expect(title.length).toBeLessThan(150);
    expect(summary.split('\n')[0]).toBe('one - two');
  });

  it('resolves the link against a base and refuses one that leads nowhere', () => {
    const linkOf = (link: string, baseUrl?: string) =>
      alertOf(BAD_FILE, { dedupeKey: 'a', link, ...(baseUrl ? { baseUrl } : {}) })?.link;
    expect(linkOf('/reports/a%2Fb', 'http://127.0.0.1:8080')).toBe('http://127.0.0.1:8080/reports/a%2Fb');
    expect(() => linkOf('/reports/a')).toThrow('Expected an absolute http(s) link');
    expect(() => linkOf('javascript:alert(1)')).toThrow('Expected an absolute http(s) link');
  });
});
