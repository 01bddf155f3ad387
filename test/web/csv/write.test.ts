import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { toCsv } from '../../../src/web/csv/write.ts';

describe('writing CSV', () => {
  it.each(['=1+1', '+1+1', '-1-1', '-A1', '@SUM(A1)', '\tx', '\rx'])(
    'disarms text that a spreadsheet would run: %j',
    (text) => {
      expect(Papa.parse<string[]>(toCsv([[text]]), { delimiter: ',', skipEmptyLines: true }).data).toEqual([
        [`'${text}`],
      ]);
    },
  );

  it('leaves negative numbers alone', () => {
    expect(toCsv([[-5, null, undefined, true]])).toBe('-5,,,true\r\n');
    expect(toCsv([['-12.5', '+.5', '-1e3', '-']])).toBe('-12.5,+.5,-1e3,-\r\n');
  });

  it('is read back as it was written', () => {
    const unit = fc.constantFrom('a', ' ', ',', ';', '"', '\n', '\r', 'ä', '=');
    const cell = fc.string({ unit }).filter((text) => !/^[=+\-@\t\r]/.test(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (lines) => {
        const { data } = Papa.parse<string[]>(toCsv([['a', 'b'], ...lines]), { delimiter: ',', newline: '\r\n' });
        expect(data.slice(0, -1)).toEqual([['a', 'b'], ...lines]);
      }),
      { seed: 4 },
    );
  });
});
