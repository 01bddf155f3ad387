import { describe, expect, it } from 'vitest';
import type { StoredPrediction } from '#api';
import { readCsv } from '../../../src/contracts/scan/read-csv.ts';
import { convertTable } from '../../../src/web/csv/convert.ts';
import { toResultLines, toResultRows } from '../../../src/web/csv/results.ts';
import { COLUMNS, fileOf } from '../columns.ts';

const stored = (predictionId: string, more: Partial<StoredPrediction> = {}): StoredPrediction => ({
  ...{ predictionId, at: '2026-11-30T08:00:00.000Z', source: 'webapp', modelVersion: 'boats@3' },
  ...{ features: { cabin_class: '1st', age: 30 }, prediction: 'yes', probability: 0.75, ...more },
});

describe('the result of an uploaded file', () => {
  const lines = [
    ['Cabin', 'class', 'ID', 'age', ''],
    ['A1', '1st', '7', '30', 'x'],
    ['B2', '9th', '8', '31', ''],
    ['C3', '2nd', '9', '', ''],
  ];
  const table = convertTable(fileOf(lines), COLUMNS);
  const rows = toResultRows(table.rows, [stored('41'), stored('42', { prediction: 'no' })]);

  it('keeps every column in the order of the file, and every row with its number', () => {
    expect(toResultLines(table.header, rows)).toEqual([
      [
        ...['row_number', 'Cabin', 'class', 'ID', 'age', ''],
        ...['prediction', 'probability', 'prediction_id', 'left_out_because'],
      ],
      [1, 'A1', '1st', '7', '30', 'x', 'yes', 0.75, '41', ''],
      [2, 'B2', '9th', '8', '31', '', null, null, null, 'cabin_class: expected one of "1st", "2nd", got "9th"'],
      [3, 'C3', '2nd', '9', '', '', 'no', 0.75, '42', ''],
    ]);
  });

  it('gives its own columns other names where the file has theirs', () => {
    const [header] = toResultLines(['prediction', 'weir_prediction', 'row_number'], []);
    expect(header).toEqual([
      ...['weir_row_number', 'prediction', 'weir_prediction', 'row_number'],
      ...['weir_weir_prediction', 'probability', 'prediction_id', 'left_out_because'],
    ]);
  });

  it('says of a row with more cells than the header that it was left out', () => {
    const long = readCsv(new TextEncoder().encode('class\n1st,22,extra\n'), { delimiterOf: () => ',' });
    const [row] = toResultRows(convertTable(long, COLUMNS).rows, []);
    expect(row?.reason).toBe('a record has more fields than the header (3 instead of 1)');
  });
});
