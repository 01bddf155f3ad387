import { describe, expect, it } from 'vitest';
import {
  type CellValue,
  maybeSort,
  nextSort,
  searchRecords,
  sortRecords,
  toCellValue,
  toSortText,
} from '../../../src/web/table/sort.ts';

const sorted = (values: readonly CellValue[], isDescending = false): CellValue[] =>
  sortRecords(values, { by: (value) => value, isDescending });

describe('the order of a table', () => {
  it('is ascending, then descending, then the usual one, by clicks on a head', () => {
    const first = nextSort('rows', undefined);
    const second = nextSort('rows', first);
    expect([first, second, nextSort('rows', second)]).toEqual([
      { key: 'rows', isDescending: false },
      { key: 'rows', isDescending: true },
      undefined,
    ]);
    expect(nextSort('file', second)).toEqual({ key: 'file', isDescending: false });
  });

  it('is kept as text', () => {
    expect(toSortText({ key: 'rows', isDescending: true })).toBe('-rows');
    expect(maybeSort('-rows')).toEqual({ key: 'rows', isDescending: true });
    expect(maybeSort('rows')).toEqual({ key: 'rows', isDescending: false });
    expect([maybeSort(''), maybeSort('-'), maybeSort(undefined)]).toEqual([undefined, undefined, undefined]);
  });

  it('takes numbers as numbers, also within texts, and no heed of case', () => {
    expect(sorted([10, 9, -1])).toEqual([-1, 9, 10]);
    expect(sorted(['part-10', 'Part-2', 'part-1'])).toEqual(['part-1', 'Part-2', 'part-10']);
    expect(sorted(['7', '12.5', ' -3 ', 'none'].map(toCellValue))).toEqual([-3, 7, 12.5, 'none']);
  });

  it('has empty values last either way', () => {
    expect(sorted([null, 2, '', 1, undefined])).toEqual([1, 2, null, '', undefined]);
    expect(sorted([null, 2, '', 1, undefined], true)).toEqual([2, 1, null, '', undefined]);
  });

  it('keeps equal values as they were', () => {
    const records = [1, 0, 1, 0].map((value, place) => ({ value, place }));
    const places = (isDescending: boolean) =>
      sortRecords(records, { by: ({ value }) => value, isDescending }).map(({ place }) => place);
    expect(places(false)).toEqual([1, 3, 0, 2]);
    expect(places(true)).toEqual([0, 2, 1, 3]);
  });
});

describe('the search of a table', () => {
  const records: CellValue[][] = [
    ['passengers-1.csv', 'pass', 128],
    ['passengers-2.csv', 'FAIL', null],
  ];
  const found = (search: string) => searchRecords(records, { valuesOf: (record) => record, search });

  it('finds rows that contain every word in some column, whatever its case', () => {
    expect(found('fail PASSENGERS')).toEqual([records[1]]);
    expect(found('128')).toEqual([records[0]]);
    expect(found('fail 128')).toEqual([]);
  });

  it('finds everything without words', () => {
    expect(found('  ')).toEqual(records);
  });
});
