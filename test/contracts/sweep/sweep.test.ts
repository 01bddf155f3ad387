import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Contract,
  defineContract,
  type FileFormat,
  integer,
  number,
  satisfies,
  text,
  timestamp,
  uniqueTogether,
} from '#contracts';
import { people } from '../../../bench/contract.ts';
import { generateCsv } from '../../../bench/data.ts';
import { matchHeader } from '../../../src/contracts/check/match-header.ts';
import { planSweep } from '../../../src/contracts/check/plan-sweep.ts';
import { formOf } from '../../../src/contracts/format/form.ts';
import { openSource } from '../../../src/contracts/scan/source.ts';
import { readHeader } from '../../../src/contracts/sweep/header.ts';
import { RowFiles } from '../../../src/contracts/sweep/row-files.ts';
import { sweep } from '../../../src/contracts/sweep/sweep.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-sweep-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Sweeping {
  readonly contract: Contract;
  readonly threads?: number;
  readonly keyBytesMax?: number;
}

/** What a pass finds, and what it writes. */
async function swept(file: string, { contract, threads = 0, keyBytesMax }: Sweeping) {
  const work = await mkdtemp(path.join(folder, 'work-'));
  const blocks = openSource(file, {}).blocks();
  const form = contract.format && formOf({ delimiter: ',', ...contract.format }, { isDelimiterPlain: true });
  const header = await readHeader(blocks, { delimiter: ',', recordBytesMax: undefined, form });
  const match = matchHeader(contract, header.names ?? []);
  const plan = planSweep(contract, {
    ...{ header: match, delimiters: { from: ',', to: ',' }, recordBytesMax: undefined, hasReturns: header.hasReturn },
  });
  const kinds = match.names.map((name) => contract.columns[name]?.kind);
  let blocksTaken = 0;
  const sink = new RowFiles({
    ...{ folder: work, names: match.names, delimiter: ',', keepsLines: true, bits: plan.bits, everyRow: [] },
    keepsBadValues: form !== undefined,
  });
  const found = await sweep({
    ...{
      sink,
      rejects: path.join(work, 'rejected.jsonl'),
      isEachBad: false,
      plan: form === undefined ? plan : { ...plan, form: { form, header: match.names, kinds, coerced: [] } },
      blocks,
      header,
      delimiter: ',',
      threads,
    },
    ...(keyBytesMax === undefined ? {} : { keyBytesMax }),
    onBlock: () => {
      blocksTaken += 1;
    },
  });
  // As texts, which are compared much faster than bytes.
  const read = (name: string) => readFile(path.join(work, name), 'latin1').catch(() => undefined);
  const parts = await Promise.all(['good.csv', 'bad.csv', 'rejected.jsonl', 'good-lines'].map(read));
  const rows = { good: sink.good, bad: sink.bad, rejected: found.rejected };
  return { blocks: blocksTaken, facts: { ...found, rows }, parts };
}

/** Rows with line ends within quotes, so many that blocks are cut within them, and quotes that are never closed. */
function multilineFile(rows: number): string {
  const lines = Array.from({ length: rows }, (_, id) => {
    if (id % 997 === 7) return `${id},"never closed,1.5,2026-01-01T00:00:00Z`;
    if (id % 61 === 3) return `${id - 3},again,${id},2026-01-01T00:00:00Z`;
    return `${id},"a text\nof ""many""\nlines, ${'x'.repeat(id % 300)}\n",${id / 7},2026-01-01T00:00:00Z`;
  });
  return `id,note,size,at\n${lines.join('\n')}\n`;
}

const noted = defineContract({
  name: 'noted',
  columns: { id: integer({ unique: true }), note: text(), size: number({ max: 1000 }), at: timestamp() },
  expectations: [
    // No thread can be given it.
    satisfies('short', {
      columns: ['id', 'note'],
      holds: ({ id, note }) => {
        if (id === 40) throw new Error('forty');
        return String(note).split('\n').length + Number(id) !== 1203;
      },
    }),
  ],
});

describe('sweep', () => {
  it('finds and writes the same with threads as without', async () => {
    const { path: file } = await generateCsv({ rows: 100_000, folder });
    const alone = await swept(file, { contract: people });
    expect(alone.blocks).toBeGreaterThan(4);
    expect(alone.facts.rows.bad).toBeGreaterThan(100);
    expect(await swept(file, { contract: people, threads: 1 })).toEqual(alone);
    expect(await swept(file, { contract: people, threads: 3 })).toEqual(alone);
  });

  it('finds and writes the same where records go on from one block to the next', async () => {
    const file = path.join(folder, 'multiline.csv');
    await writeFile(file, multilineFile(20_000));
    const alone = await swept(file, { contract: noted });
    expect(alone.blocks).toBeGreaterThan(3);
    const { good, bad, rejected } = alone.facts.rows;
    expect([good, bad, rejected].every((rows) => rows > 10)).toBe(true);
    expect(good + bad + rejected).toBe(20_000);
    expect([...alone.facts.failures.values()]).toEqual(['forty']);
    expect(alone.parts[1]?.match(/Z,short$/gm)).toHaveLength(2);
    expect(await swept(file, { contract: noted, threads: 2 })).toEqual(alone);
  });

  it.each<[string, FileFormat]>([
    ['of comments and null texts', { comment: '#', nulls: ['NA'], blanks: 'trimmed' }],
    ['of a delimiter behind the last cell', { hasTrailingDelimiter: true }],
  ])('finds and writes the same of a file in a form %s', async (_, format) => {
    const file = path.join(folder, 'form.csv');
    const contract = defineContract({
      name: 'noted',
      columns: noted.columns,
      expectations: noted.expectations,
      format,
    });
    const isTrailing = format.hasTrailingDelimiter === true;
    const lines = multilineFile(20_000).split('\n');
    const written = lines.map((line) => {
      if (/^\d+,/.test(line) && isTrailing) return line.replace(/Z$/, 'Z,');
      if (isTrailing) return line.replace(/(Z|,at)$/, '$1,');
      return line.replace(/^(\d+5),/, '# a comment\n $1 ,').replace(/^(\d+9),"/, '$1,NA\n$1, "');
    });
    await writeFile(file, written.join('\n'));
    const alone = await swept(file, { contract });
    expect(alone.blocks).toBeGreaterThan(3);
    const { good, bad, rejected } = alone.facts.rows;
    expect([good, bad, rejected].every((rows) => rows > 10)).toBe(true);
    expect(await swept(file, { contract, threads: 2 })).toEqual(alone);
    // Each bad row is on its line, and as it stands there.
    const all = written.join('\n').split('\n');
    for (const row of (alone.parts[1] ?? '').matchAll(/^(\d+),(\d+),again,/gm))
      expect(all[Number(row[1]) - 1]).toContain(`${row[2]},again`);
  });

  it('finds the texts that stand twice, near and far, in good rows and in bad ones', async () => {
    const file = path.join(folder, 'texts.csv');
    const contract = defineContract({
      name: 'texts',
      columns: { key: text({ unique: true }), size: number({ max: 10 }), note: text() },
      expectations: [uniqueTogether(['size', 'note'])],
    });
    const isRepeated = (row: number): boolean => row % 500 === 1 || (row >= 30_000 && row % 100 === 7);
    // A key comes again right behind its row, or 30,000 rows later; every eleventh row is bad for another reason.
    const rows = Array.from({ length: 40_000 }, (_, row) => {
      const key = row % 500 === 1 ? row - 1 : isRepeated(row) ? row - 30_000 : row;
      return `"key ""${key}""",${row % 11 === 0 ? 99 : row % 9},${'x'.repeat(60)}${row}`;
    });
    await writeFile(file, `key,size,note\n${rows.join('\n')}\n`);
    const alone = await swept(file, { contract });
    const [, bad = ''] = alone.parts;
    const lines = bad.split('\n').filter((line) => line.includes('key: unique'));
    expect(lines.map((line) => Number.parseInt(line, 10) - 2)).toEqual([...rows.keys()].filter(isRepeated));
    expect(alone.facts.rows.good + alone.facts.rows.bad).toBe(40_000);
    expect(await swept(file, { contract, threads: 2 })).toEqual(alone);
  });

  it('says that keys take more memory than they may', async () => {
    const file = path.join(folder, 'keys.csv');
    const rows = Array.from({ length: 5000 }, (_, id) => `${id * 1_000_003},a,1,2026-01-01T00:00:00Z`);
    await writeFile(file, `id,note,size,at\n${rows.join('\n')}\n`);
    await expect(swept(file, { contract: noted, keyBytesMax: 50_000 })).rejects.toMatchObject({
      name: 'KeysTooLargeError',
    });
    expect((await swept(file, { contract: noted, keyBytesMax: 1_000_000 })).facts.rows.good).toBe(5000);
  });
});
