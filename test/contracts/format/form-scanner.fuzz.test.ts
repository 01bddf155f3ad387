import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../src/contracts/corrupt/random.ts';
import type { FileFormat } from '../../../src/contracts/format/file-format.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { hostileFile, LATIN } from '../scan/hostile-file.ts';
import { readReference } from '../scan/reference.ts';
import { STRUCTURES } from './random-format.ts';
import { readForm } from './read-form.ts';

const FILES = propertyRuns(5_000);
const KINDS = ['number', 'timestamp', 'boolean', 'date'] as const;
const VALUES: FileFormat = {
  nulls: ['x', 'NA'],
  decimal: ',',
  thousands: '.',
  dates: ['dd.MM.yyyy', 'd MMM yyyy'],
  timestamps: ['dd.MM.yyyy HH:mm[:ss][.S]', 'yyyy-MM-dd HH:mm:ssX'],
  booleans: { true: ['a1', 'ja'], false: ['a2', 'nein'] },
};

/** A broken file of the default form, with the marks of another form in place of its own, and more of them thrown in. */
function brokenFile(seed: number, { delimiter = ',', quote = '"', escape: escaping, comment }: FileFormat): Buffer {
  const random = seeded(seed ^ 0xf02);
  const marks = [
    delimiter,
    quote ?? '',
    escaping === 'backslash' ? '\\' : '',
    comment ?? '',
    '\n',
    ' ',
    'NA',
    '1.234,5',
  ];
  const text = hostileFile(seed)
    .toString(LATIN)
    .replaceAll(',', delimiter)
    .replaceAll('"', quote ?? '"');
  const pieces = text.split(/(?<=\n)/).map((line) => {
    if (random.next() < 0.8) return line;
    const at = random.below(line.length + 1);
    return line.slice(0, at) + random.pick(marks) + line.slice(at);
  });
  // Half of the files are UTF-8; the others have the high bytes of Latin-1 among the marks.
  const bytes = pieces.map((piece) => Buffer.from(piece, random.next() < 0.5 ? 'utf8' : LATIN));
  return Buffer.concat(bytes);
}

describe('FormScanner', () => {
  it(`reads ${FILES} hostile files of the default form as an independent, simpler reader does`, () => {
    let rejections = 0;
    for (let seed = 0; seed < FILES; seed += 1) {
      const file = hostileFile(seed);
      const recordBytesMax = seed % 2 === 0 ? 1 << 20 : 1 + (seed % 97);
      const reference = readReference(file, { recordBytesMax });
      const random = seeded(seed ^ 0x5eed);
      const pieces = Array.from({ length: 5 }, () => 1 + random.below(random.next() < 0.5 ? 8 : 400));
      const { header, rows, rejected } = readForm(file, {}, { recordBytesMax, pieces });
      const expected = {
        header: reference.header,
        rows: reference.rows,
        rejected: reference.rejected.map(({ bytes, line }) => ({ text: bytes.toString(LATIN), line })),
      };
      const found = { header, rows, rejected: rejected.map(({ text, line }) => ({ text, line })) };
      if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found, `seed ${seed}`).toEqual(expected);
      rejections += rejected.length;
    }
    expect(rejections).toBeGreaterThan(FILES);
  });

  it(`reads ${FILES} broken files in random formats to their ends, the same in pieces of any length`, () => {
    const formats = fc.sample(STRUCTURES, { numRuns: FILES, seed: 20261130 });
    const seen = { rows: 0, rejected: 0 };
    for (const [seed, structure] of formats.entries()) {
      const format = seed % 3 === 0 ? structure : { ...structure, ...VALUES };
      const file = brokenFile(seed, format);
      const options = {
        ...{ names: ['a', 'b', 'c', 'd'], kinds: KINDS },
        recordBytesMax: seed % 2 === 0 ? 1 << 20 : 1 + (seed % 97),
      };
      const random = seeded(seed ^ 0x5eed);
      const pieces = Array.from({ length: 5 }, () => 1 + random.below(random.next() < 0.5 ? 8 : 400));
      const [whole, inPieces] = [undefined, pieces].map((each) =>
        readForm(file, format, { ...options, ...(each && { pieces: each }) }),
      );
      if (JSON.stringify(inPieces) !== JSON.stringify(whole)) expect(inPieces, `seed ${seed}`).toEqual(whole);
      const lines = [...(whole?.rows ?? []), ...(whole?.rejected ?? [])].map(({ line }) => line);
      expect(new Set(lines).size, `seed ${seed}: a line is read twice`).toBe(lines.length);
      seen.rows += whole?.rows.length ?? 0;
      seen.rejected += whole?.rejected.length ?? 0;
    }
    expect(Math.min(seen.rows, seen.rejected)).toBeGreaterThan(FILES);
  });
});
