import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toRecord } from '../../../src/contracts/scan/fields.ts';
import { maybeRecordKernel } from '../../../src/contracts/scan/record-kernel.ts';
import { NarrowRows } from '../../../src/contracts/sweep/narrow-rows.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

const CELL = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    '12.5',
    'x,y',
    'say "no"',
    'two\nlines',
    'ü',
    'a text that is longer than sixteen bytes, "quoted"',
  ),
  fc.string(),
);

describe('NarrowRows', () => {
  it.each([
    ['by the kernel', maybeRecordKernel],
    ['in plain TypeScript', () => undefined],
  ])('copies the cells of any columns as they stand, %s', (_, kernelOf) => {
    const table = fc
      .integer({ min: 1, max: 6 })
      .chain((columns) =>
        fc.tuple(
          fc.array(fc.array(CELL, { minLength: columns, maxLength: columns }), { maxLength: 8 }),
          fc.uniqueArray(fc.nat(columns - 1), { minLength: 1 }),
        ),
      );
    const property = fc.property(table, fc.nat(3), ([rows, chosen], before) => {
      const positions = chosen.toSorted((a, b) => a - b);
      const narrow = new NarrowRows(positions, { delimiter: 44, kernel: kernelOf() });
      const records = rows.map((cells) => Buffer.from(`${toRecord(cells, ',')}\n`));
      const text = Buffer.concat([Buffer.alloc(before, 32), ...records]);
      const starts = [before];
      for (const record of records) starts.push((starts.at(-1) ?? 0) + record.length);
      narrow.add({ text, starts: Uint32Array.from(starts), records: rows.length });
      const taken = narrow.taken();
      const expected = rows.map(
        (cells) =>
          `${toRecord(
            positions.map((at) => cells[at] ?? ''),
            ',',
          )}\n`,
      );
      expect(Buffer.from(taken.text).toString()).toBe(expected.join(''));
      expect(taken.longest).toBe(Math.max(0, ...expected.map((record) => Buffer.byteLength(record))));
      expect(narrow.taken().text).toHaveLength(0);
    });
    fc.assert(property, { numRuns: propertyRuns(1000), seed: 13 });
  });
});
