import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFormat } from '#contracts';
import { createTranscoder } from '../../../src/contracts/scan/transcoder.ts';
import { type DialectFile, dialectFile } from './dialects.ts';
import { readForm } from './read-form.ts';

const FILES = 200;
/** Where blanks or colons separate cells, a preamble or a time may look like rows; and three rows below seven lines are few. */
const MISSED_SHARE = 0.05;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-dialects-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Why the table that is found is another than the one that was written; undefined when it is the same. */
async function maybeMiss(given: DialectFile): Promise<string | undefined> {
  const file = path.join(folder, 'f.csv');
  await writeFile(file, given.bytes);
  const { delimiter, format = {}, kinds } = await findFormat(file);
  const text = format.encoding === undefined ? given.bytes : createTranscoder(format.encoding)(given.bytes);
  const read = readForm(Buffer.from(text), { ...format, delimiter }, { kinds, names: given.names });
  const found = JSON.stringify({ delimiter, ...format });
  if (read.header?.join('|') !== given.names.join('|')) return `names ${read.header?.join('|')}; ${found}`;
  if (read.rows.length !== given.rows.length) return `${read.rows.length} of ${given.rows.length} rows; ${found}`;
  for (const [row, { fields }] of read.rows.entries())
    for (const [at, cell] of fields.entries()) {
      const expected = given.rows[row]?.[at] ?? '';
      const kind = given.kinds[at] ?? 'text';
      if (comparable(cell, kind) !== comparable(expected, kind))
        return `row ${row} column ${at} ${kind}: ${JSON.stringify(cell)} for ${JSON.stringify(expected)}; ${found}`;
    }
  return undefined;
}

function comparable(cell: string, kind: string): string | number {
  if (cell === '') return cell;
  if (kind === 'number' || kind === 'integer') return Number(cell);
  if (kind === 'timestamp') return Date.parse(/(Z|[+-]\d\d(:?\d\d)?)$/.test(cell) ? cell : `${cell}Z`);
  return kind === 'boolean' ? cell.toLowerCase() : cell.trim();
}

describe('findFormat', () => {
  it('finds in most files of any dialect the table that was written', async () => {
    const misses: string[] = [];
    for (let seed = 0; seed < FILES; seed++) {
      const given = dialectFile(seed);
      const miss = await maybeMiss(given);
      if (miss !== undefined) misses.push(`${given.name} -> ${miss}`);
    }
    expect(misses.length / FILES, misses.join('\n')).toBeLessThanOrEqual(MISSED_SHARE);
  });
});
