import { afterAll, describe, expect, it } from 'vitest';
import type { KernelPlan } from '../../../src/contracts/kernel/plan.ts';
import { BlockReader } from '../../../src/contracts/sweep/block-reader.ts';

const PLAN: KernelPlan = {
  ...{ delimiter: 44, outputDelimiter: 44, fields: 3, recordBytesMax: 1000, bits: 2, output: 'ranges', seed: 3 },
  columns: [
    { position: 0, kind: 'integer', counts: 'numbers', tests: [{ bit: 0, test: 'kind' }] },
    { position: 2, kind: 'text', counts: 'nulls', tests: [{ bit: 1, test: 'length', max: 4 }] },
  ],
  keys: [],
};

interface Row {
  readonly text: string;
  readonly line: number;
}

/** The rows and the rejected records of a block that begins on a line, with what the rows violate. */
function rowsOf(reader: BlockReader, { bytes, line }: { readonly bytes: Buffer; readonly line: number }) {
  const { pieces, starts, written, flags, counts, columns } = reader.read(bytes, { isLast: false, rest: undefined });
  const rows: Row[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'rejected') {
      rows.push({ text: `rejected: ${piece.place.fault}`, line: line + piece.place.line });
      continue;
    }
    const text = piece.text === 'block' ? bytes : Buffer.from(written);
    let shift = 0;
    for (let record = 0; record < piece.records; record++) {
      const shifts = piece.shifts ?? new Uint32Array();
      for (let at = 0; at < shifts.length; at += 2) if (shifts[at] === record) shift = shifts[at + 1] ?? 0;
      const [from, to] = starts.subarray(piece.startsAt + record, piece.startsAt + record + 2);
      rows.push({ text: text.toString('utf8', from, to), line: line + piece.line + record + shift });
    }
  }
  return {
    rows,
    flags: [...flags],
    counts: [...counts],
    nulls: [...columns.nulls],
    sum: columns.sum[0] ?? 0,
    pieces: pieces.length,
  };
}

describe('the reader of blocks', () => {
  const reader = new BlockReader({ kernel: PLAN, rowTests: [] });
  afterAll(() => reader.close());

  it('finds in a block full of what is not canonical what it finds record by record', () => {
    const odd = [
      '1,5" pipe,x\n',
      '2,a,long text\n',
      '\n',
      '3,,\r\n',
      '4,"two\nlines",é"\n',
      'x,"""",\n',
      '5,too,many,cells\n',
    ];
    const records = Array.from({ length: 700 }, (_, index) => odd[(index * 5) % odd.length] ?? '');
    const whole = rowsOf(reader, { bytes: Buffer.from(records.join('')), line: 7 });
    let line = 7;
    const each = records.map((record) => {
      const found = rowsOf(reader, { bytes: Buffer.from(record), line });
      line += record.split('\n').length - 1;
      return found;
    });
    expect(whole.rows).toEqual(each.flatMap(({ rows }) => rows));
    expect(whole.rows.length).toBe(600);
    // Most were passed together.
    expect(whole.pieces).toBeLessThan(500);
    const sums = (of: (found: (typeof each)[number]) => readonly number[]): readonly number[] =>
      each.reduce((sum, found) => of(found).map((value, index) => value + (sum[index] ?? 0)), [
        0, 0,
      ] as readonly number[]);
    expect([whole.counts, whole.nulls]).toEqual([sums(({ counts }) => counts), sums(({ nulls }) => nulls)]);
    expect(whole.flags.length).toBe(2 * ((whole.counts[0] ?? 0) + (whole.counts[1] ?? 0)));
    expect(whole.sum).toBe(each.reduce((sum, found) => sum + found.sum, 0));
  });
});
