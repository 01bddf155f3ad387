import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, ERROR_KINDS } from '#contracts';
import { openDuckdbPool } from '#store';
import { people } from '../../bench/contract.ts';
import { generateCsv, KINDS } from '../../bench/data.ts';
import { measureRecall } from '../../bench/recall.ts';

let folder: string;
const duckdb = openDuckdbPool({ size: 1 });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-bench-test-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the data of the bench', () => {
  it('is the same bytes on every machine', async () => {
    const { digest, sizeBytes } = await generateCsv({ rows: 1000, folder });
    expect({ digest, sizeBytes }).toEqual({
      digest: '68fd3a607f1680dd8f0a69fb5efd56252561c5c05ea04ccaa2db2b3c29c4fda4',
      sizeBytes: 51_010,
    });
  });

  it('is checked against twelve expectations, which find exactly the rows that were broken', async () => {
    const generated = await generateCsv({ rows: 20_000, folder });
    const injected = KINDS.flatMap((kind) => generated.errorRows?.[kind] ?? []);
    const { result, files } = await checkFile({
      path: generated.path,
      contract: people,
      folder: path.join(folder, 'out'),
      duckdb,
    });
    expect(result.expectations).toHaveLength(12);
    expect(KINDS.every((kind) => generated.errors[kind] > 0)).toBe(true);

    const found = [...(await badRows(files.bad)), ...(await rejectedRows(files.rejected))];
    expect(found.toSorted(byNumber)).toEqual(injected.toSorted(byNumber));
    expect(result.rows).toEqual({
      in: 20_000,
      good: 20_000 - injected.length,
      bad: found.length - result.rows.rejected,
      rejected: result.rows.rejected,
    });
  });
});

describe('what the checks find', () => {
  it('is every error of every kind and nothing else', async () => {
    const recalls = await measureRecall({ folder, files: 1, rows: 200, share: 0.05 });
    expect(recalls).toHaveLength(1 + ERROR_KINDS.length);
    for (const { kind, counted, broken, found, wronglyFound } of recalls) {
      const expected = kind === 'nothing' ? 0 : counted === 'files' ? 1 : 10;
      expect({ kind, broken, found, wronglyFound }).toEqual({
        kind,
        broken: expected,
        found: expected,
        wronglyFound: 0,
      });
    }
  });
});

const byNumber = (one: number, other: number): number => one - other;

// No row spans lines, so a row's number is its line's, less the header.
async function badRows(file = ''): Promise<readonly number[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n').slice(1);
  return lines.map((line) => Number(line.split(',', 1)[0]) - 1);
}

async function rejectedRows(file = ''): Promise<readonly number[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  // Written by the check, see CheckOutcome.
  return lines.map((line) => (JSON.parse(line) as { line: number }).line - 1);
}
