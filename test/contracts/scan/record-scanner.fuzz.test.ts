import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../src/contracts/corrupt/random.ts';
import { fieldsOf } from '../../../src/contracts/scan/fields.ts';
import { maybeRecordKernel, type RecordKernel } from '../../../src/contracts/scan/record-kernel.ts';
import { RecordScanner } from '../../../src/contracts/scan/record-scanner.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { hostileFile, LATIN } from './hostile-file.ts';
import { readReference } from './reference.ts';

const FILES = propertyRuns(5_000);

/** The scanner's own reading of a file that comes in pieces of random length. */
function read(
  file: Buffer,
  { seed, kernel, recordBytesMax }: { seed: number; kernel: RecordKernel | undefined; recordBytesMax: number },
) {
  const random = seeded(seed ^ 0x5eed);
  const records: { fields: readonly string[]; line: number }[] = [];
  const rejected: { bytes: string; line: number }[] = [];
  let pieces = '';
  const take = (bytes: Buffer, line: number): void => {
    records.push({ fields: fieldsOf(bytes.toString(), ','), line });
  };
  const scanner = new RecordScanner({
    delimiter: ',',
    recordBytesMax,
    kernel,
    isUtf8,
    sink: {
      record: (bytes, { start, end, line }) => take(bytes.subarray(start, end), line),
      run: (bytes, { start, end, line }) => {
        const lines = bytes.toString(LATIN, start, end - 1).split('\n');
        for (const [index, text] of lines.entries()) take(Buffer.from(text, LATIN), line + index);
      },
      reject: (bytes, { start, end, line, offset, complete }) => {
        const piece = bytes.toString(LATIN, start, end);
        if (file.toString(LATIN, offset, offset + piece.length) !== piece)
          throw new Error(`not at ${offset}: ${piece}`);
        pieces += piece;
        if (!complete) return;
        rejected.push({ bytes: pieces, line });
        pieces = '';
      },
      blank: () => {},
    },
  });
  let carried = Buffer.alloc(0);
  for (let at = 0; at < file.length; ) {
    const length = 1 + random.below(random.next() < 0.5 ? 8 : 400);
    carried = Buffer.concat([carried, file.subarray(at, at + length)]);
    carried = carried.subarray(scanner.scan(carried, { isLast: false }));
    at += length;
  }
  while (carried.length > 0) carried = carried.subarray(scanner.scan(carried, { isLast: true }));
  scanner.finish(Buffer.alloc(0));
  const [header, ...rows] = records;
  return { header: header?.fields, rows, rejected };
}

describe('RecordScanner', () => {
  it(`reads ${FILES} hostile files, in pieces of any length, as an independent, simpler reader does, with its kernel and without`, () => {
    let rejections = 0;
    const kernel = maybeRecordKernel();
    expect(kernel).toBeDefined();
    for (let seed = 0; seed < FILES; seed += 1) {
      const file = hostileFile(seed);
      // Every other file meets the bound, in short records and in long ones.
      const recordBytesMax = seed % 2 === 0 ? 1 << 20 : 1 + (seed % 97);
      const reference = readReference(file, { recordBytesMax });
      const expected = {
        ...reference,
        rejected: reference.rejected.map(({ bytes, line }) => ({ bytes: bytes.toString(LATIN), line })),
      };
      rejections += expected.rejected.length;
      // One comparison of texts is quick; the readable one is made only where they differ.
      const found = [kernel, undefined].map((each) => read(file, { seed, kernel: each, recordBytesMax }));
      for (const scanned of found)
        if (JSON.stringify(scanned) !== JSON.stringify(expected)) expect(scanned, `seed ${seed}`).toEqual(expected);
    }
    // Were no file broken, this test would prove nothing.
    expect(rejections).toBeGreaterThan(FILES);
  });
});
