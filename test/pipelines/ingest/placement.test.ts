import { describe, expect, it } from 'vitest';
import type { CheckResult } from '#contracts';
import { destinationsOf, placementsOf } from '../../../src/pipelines/ingest/placement.ts';

const files = { raw: 'raw', good: 'good', bad: 'bad', rejected: 'rejected' };
const to = {
  good: '/good/a',
  bad: '/bad/a',
  goodRows: '/good/rows',
  badRows: '/bad/rows',
  reasons: '/bad/reasons/a',
  rejected: '/bad/rejected/a',
};

function resultWith(rows: CheckResult['rows'], verdict: CheckResult['verdict'] = 'fail'): CheckResult {
  return {
    contract: 'c',
    file: 'f',
    digest: 'd',
    sizeBytes: 1,
    rows,
    verdict,
    violations: [],
    expectations: [],
    columns: [],
    summary: '',
    durationMs: 0,
  };
}
const place = (rows: CheckResult['rows'], verdict?: CheckResult['verdict']) =>
  placementsOf(resultWith(rows, verdict), { files, to });

describe('placementsOf', () => {
  it('moves a wholly good file whole', () => {
    expect(place({ in: 5, good: 5, bad: 0, rejected: 0 }, 'pass')).toEqual([{ from: 'raw', to: '/good/a' }]);
  });

  it('splits a mixed file, and keeps what was rejected', () => {
    expect(place({ in: 9, good: 5, bad: 3, rejected: 1 })).toEqual([
      { from: 'good', to: '/good/rows' },
      { from: 'bad', to: '/bad/rows' },
      { from: 'rejected', to: '/bad/rejected/a' },
    ]);
  });

  it('keeps the rejected lines of a file whose other rows are all good', () => {
    expect(place({ in: 6, good: 5, bad: 0, rejected: 1 })).toEqual([
      { from: 'good', to: '/good/rows' },
      { from: 'rejected', to: '/bad/rejected/a' },
    ]);
  });

  it('moves a wholly bad file whole, with its reasons beside it', () => {
    expect(place({ in: 4, good: 0, bad: 3, rejected: 1 })).toEqual([
      { from: 'raw', to: '/bad/a' },
      { from: 'bad', to: '/bad/reasons/a' },
    ]);
  });

  it('moves what cannot be read, or does not add up, whole to bad-data', () => {
    expect(place({ in: 0, good: 0, bad: 0, rejected: 0 })).toEqual([{ from: 'raw', to: '/bad/a' }]);
    expect(place({ in: 9, good: 5, bad: 3, rejected: 0 }, 'quarantined')).toEqual([{ from: 'raw', to: '/bad/a' }]);
  });
});

describe('destinationsOf', () => {
  it.each([
    ['people.csv', 'people.arrival-1.csv'],
    ['people.tsv', 'people.arrival-1.tsv'],
    ['people.parquet', 'people.arrival-1.csv'],
    ['people.csv.gz', 'people.arrival-1.csv'],
  ])('names parted rows of %s by what they are', (file, name) => {
    const folders = { raw: '/raw', good: '/good', bad: '/bad' };
    expect(destinationsOf(folders, { id: 'arrival-1', file }).goodRows).toBe(`/good/${name}`);
  });

  it('gives two arrivals of one name different places', () => {
    const folders = { raw: '/raw', good: '/good', bad: '/bad' };
    const one = destinationsOf(folders, { id: 'arrival-1', file: 'people.csv' });
    const two = destinationsOf(folders, { id: 'arrival-2', file: 'people.csv' });
    expect(one.good).toBe('/good/people.arrival-1.csv');
    expect(two.good).toBe('/good/people.arrival-2.csv');
  });

  it('cuts names that would be too long, while they are placed too, and keeps their endings', () => {
    const folders = { raw: '/raw', good: '/good', bad: '/bad' };
    for (const file of [`${'x'.repeat(251)}.csv`, `${'漢'.repeat(84)}.a`, `a.${'e'.repeat(253)}`]) {
      for (const place of Object.values(destinationsOf(folders, { id: 'arrival-9223372036854775807', file }))) {
        expect(Buffer.byteLength(`.${place.split('/').at(-1)}.0123456789ab.weir-tmp`), place).toBeLessThanOrEqual(255);
        expect(place).toContain('.arrival-9223372036854775807');
      }
    }
    expect(destinationsOf(folders, { id: 'arrival-1', file: `${'x'.repeat(251)}.csv` }).good).toMatch(
      /x\.arrival-1\.csv$/,
    );
  });
});
