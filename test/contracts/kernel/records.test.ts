import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { openKernel } from '../../../src/contracts/kernel/open-kernel.ts';
import type { KernelPlan } from '../../../src/contracts/kernel/plan.ts';
import { fieldsOf, toRecord } from '../../../src/contracts/scan/fields.ts';
import { RecordScanner } from '../../../src/contracts/scan/record-scanner.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { hostileFile } from '../scan/hostile-file.ts';

const CR = 13;
const LF = 10;
const RECORD_BYTES_MAX = 60;

/** What the careful scanner finds at a place in the file. */
interface Found {
  readonly start: number;
  readonly line: number;
  /** In canonical form; undefined of a rejected record. */
  readonly text?: string;
  /** The same with another delimiter. */
  readonly rewritten?: string;
  /** Whether it is canonical as it stands. */
  readonly isCanonical: boolean;
  readonly isAscii: boolean;
  /** Whether its line end is in the file. */
  readonly isEnded: boolean;
}

/** All at once: this scanner holds the whole file. */
function scanned(file: Buffer): readonly Found[] {
  const found: Found[] = [];
  const scanner = new RecordScanner({
    ...{ delimiter: ',', recordBytesMax: RECORD_BYTES_MAX, isUtf8, kernel: undefined },
    sink: {
      record: (bytes, { start, end, line, regular }) => {
        const raw = bytes.toString('utf8', start, end);
        const fields = fieldsOf(raw, ',');
        const isKept = regular && raw !== '';
        found.push({
          ...{ start, line, text: isKept ? raw : toRecord(fields, ','), rewritten: toRecord(fields, ';') },
          isCanonical: isKept && bytes[end] === LF,
          isAscii: bytes.subarray(start, end).every((byte) => byte < 128),
          isEnded: bytes[end] === LF || (bytes[end] === CR && bytes[end + 1] === LF),
        });
      },
      reject: (_, { start, line }) => {
        found.push({ start, line, isCanonical: false, isAscii: false, isEnded: false });
      },
      run: () => expect.unreachable(),
      blank: () => undefined,
    },
  });
  scanner.scan(file, { isLast: true });
  return found;
}

interface Passing {
  readonly output: KernelPlan['output'];
  readonly to: string;
}

/** The records that the kernel passes, by their places among those found; it goes on behind each that it leaves. */
function passed(
  file: Buffer,
  { records, fields, output, to }: Passing & { records: readonly Found[]; fields: number },
) {
  const delimiters = { delimiter: 44, outputDelimiter: to.charCodeAt(0) };
  const kernel = openKernel({
    ...{ ...delimiters, fields, output, recordBytesMax: RECORD_BYTES_MAX, columns: [], keys: [], bits: 0, seed: 0 },
  });
  kernel.load(file);
  const isSound = isUtf8(file) && !file.includes(0);
  const texts = new Map<number, { readonly text: string; readonly line: number }>();
  for (let at = 0; at < records.length; at++) {
    const { start, line } = records[at] ?? expect.unreachable();
    const result = kernel.run({ start, isSound });
    for (let record = 0; record < result.records; record++) {
      const end = (result.starts[record + 1] ?? 0) - 1;
      const text = Buffer.from(result.text).toString('utf8', result.starts[record], end);
      texts.set(at + record, { text, line: line + record + shiftAt(result.shifts, record) });
    }
    at += result.records;
    // It stops where a record begins, or at blank lines before it.
    const next = records[at]?.start ?? file.length;
    expect(file.toString('latin1', result.end, next).replaceAll(/[\r\n]/g, '')).toBe('');
    if (result.end < next) at--;
  }
  kernel.close();
  return { texts, isSound };
}

function shiftAt(shifts: Uint32Array, record: number): number {
  let shift = 0;
  for (let at = 0; at < shifts.length && (shifts[at] ?? 0) <= record; at += 2) shift = shifts[at + 1] ?? 0;
  return shift;
}

describe('the records that a kernel passes', () => {
  it.each([
    { output: 'ranges', to: ',' },
    { output: 'rewrite', to: ',' },
    { output: 'rewrite', to: ';' },
  ] as const)('are those of the careful scanner, and all that are regular: %j', ({ output, to }) => {
    let count = 0;
    for (let seed = 0; seed < propertyRuns(5000); seed++) {
      const file = hostileFile(seed);
      const [header, ...records] = scanned(file);
      if (header?.text === undefined) continue;
      const fields = fieldsOf(header.text, ',').length;
      const { texts, isSound } = passed(file, { records, fields, output, to });
      for (const [at, { text, rewritten, line, ...found }] of records.entries()) {
        const isCertain =
          (output === 'ranges' ? found.isCanonical : text !== undefined && found.isEnded) && (isSound || found.isAscii);
        const known = { text: to === ',' ? text : rewritten, line };
        if (isCertain || texts.has(at)) expect(texts.get(at), `${seed}, line ${line}`).toEqual(known);
      }
      count += texts.size;
    }
    expect(count).toBeGreaterThan(propertyRuns(5000) * 10);
  });
});
