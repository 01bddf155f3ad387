import type { CheckResult } from '#contracts';
import { type Alert, alertOf } from '#monitor';

/** A check with problems, as an ingestion gives it. */
export const BAD_FILE: CheckResult = {
  contract: 'passengers',
  file: 'titanic_017.csv',
  digest: 'd',
  sizeBytes: 5000,
  rows: { in: 100, good: 62, bad: 36, rejected: 2 },
  verdict: 'fail',
  criticality: 'medium',
  violations: [
    {
      expectation: 'sex',
      column: 'sex',
      category: 'unknown-category',
      severity: 'warn',
      rows: 50,
      share: 0.5,
      sentence: 'sex is one of female, male',
    },
    {
      expectation: 'pclass',
      column: 'pclass',
      category: 'missing-value',
      severity: 'fail',
      rows: 1,
      share: 0.01,
      sentence: 'pclass has a value',
    },
    {
      expectation: 'age',
      column: 'age',
      category: 'out-of-range',
      severity: 'fail',
      rows: 21,
      share: 0.21,
      sentence: 'age lies in [0, 100]',
      examples: [
        { at: 'line', number: 17, values: [{ column: 'age', text: '-5' }] },
        { at: 'line', number: 18, values: [{ column: 'age', text: 'x\n- all is well' }] },
        { at: 'line', number: 30, values: [{ column: 'age', text: null }] },
        { at: 'line', number: 31, values: [{ column: 'age', text: '101' }] },
      ],
    },
  ],
  expectations: [],
  columns: [],
  summary: '38 of 100 rows are invalid.',
  durationMs: 12,
};

/** The alert of a bad file, or what `change` makes of it. */
export function alertFor(change: Partial<CheckResult> = {}, dedupeKey = 'arrival-17'): Alert {
  const alert = alertOf({ ...BAD_FILE, ...change }, { dedupeKey, link: `https://weir.example/reports/${dedupeKey}` });
  if (alert === undefined) throw new Error('Expected a result that has an alert.');
  return alert;
}
