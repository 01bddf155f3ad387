import { checkDetail } from '#api';
import { at } from './made-up-times.ts';
import type { Random } from './random.ts';

/** A checked file of any verdict. */
export function makeCheck(nowMs: number, index: number, random: Random) {
  const rows = index % 23 === 9 ? 0 : 80 + Math.floor(random() * 40);
  const share = random();
  const kind = rows === 0 ? 'quarantined' : share < 0.45 ? 'pass' : share < 0.6 ? 'warn' : 'fail';
  const bad = kind === 'fail' ? Math.ceil(rows * random() * (index % 7 === 2 ? 0.9 : 0.2)) : 0;
  const rejected = kind === 'fail' && index % 6 === 1 ? Math.min(3, rows - bad) : 0;
  const criticality =
    kind === 'pass' ? null : kind === 'quarantined' || bad > rows / 2 ? 'high' : bad > rows / 10 ? 'medium' : 'low';
  const violation = (
    column: string,
    { expectation, category, count }: { expectation: string; category: string; count: number },
  ) => ({
    expectation,
    column,
    category,
    severity: kind === 'warn' ? 'warn' : 'fail',
    rows: count,
    share: rows === 0 ? 1 : count / rows,
    sentence: `${column}: ${expectation}`,
    examples: Array.from({ length: Math.min(5, count) }, (_, at) => ({
      at: 'line',
      number: 2 + at * 3,
      values: [{ column, text: column === 'age' ? String(101 + at) : 'steerage' }],
    })),
  });
  const violations =
    kind === 'pass'
      ? []
      : [
          violation('age', {
            expectation: 'age lies between 0 and 100',
            category: 'out-of-range',
            count: Math.ceil(bad / 2),
          }),
          violation('class', {
            expectation: 'class is one of 1st, 2nd, 3rd, crew',
            category: 'unknown-category',
            count: Math.floor(bad / 2),
          }),
          violation('sex', { expectation: 'sex is never empty', category: 'missing-value', count: 2 }),
        ];
  return checkDetail.parse({
    id: `check-${600 - index}`,
    file:
      index === 4
        ? 'a-very-long-file-name-that-someone-exported-from-a-warehouse-2026-11-21T04-10-00Z-final-v2.csv'
        : `passengers-${600 - index}.csv`,
    digest: 'b1946ac92492d2347c6235b4d2611184ffc1b2a8e7e3b8a0c9b1a9d1f0c1e2d3',
    sizeBytes: 2100 + rows * 17,
    rows: { in: rows, good: rows - bad - rejected, bad, rejected },
    verdict: kind,
    criticality,
    summary:
      kind === 'pass'
        ? 'All rows are valid'
        : kind === 'quarantined'
          ? 'Nothing could be read: the file is empty'
          : `${bad} of ${rows} rows break an expectation, mostly age out of range`,
    durationMs: 11 + random() * 20,
    checkedAt: at(nowMs, index * 1.1, 9),
    reportUrl: index % 9 === 3 ? null : `/reports/check-${600 - index}`,
    violations,
    runId: `run-${1000 - index}`,
    parts: partsOf(index, { kind, rows, bad }),
  });
}

function partsOf(index: number, { kind, rows, bad }: { kind: string; rows: number; bad: number }) {
  const id = `check-${600 - index}`;
  const name = `passengers-${600 - index}.arrival-${600 - index}.csv`;
  const part = (which: string, folder: string, sizeBytes: number) => {
    return { part: which, path: `${folder}/${name}`, sizeBytes, url: `/api/checks/${id}/files/${which}` };
  };
  if (kind === 'quarantined') return [part('bad', 'bad-data', 512)];
  return [part('good', 'good-data', 1900 + rows * 17), ...(bad > 0 ? [part('bad', 'bad-data', bad * 40)] : [])];
}
