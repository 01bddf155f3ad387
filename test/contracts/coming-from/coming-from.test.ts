import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as contracts from '#contracts';
import { type Column, type ContractOptions, checkFile, defineContract, type Expectation } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { GREAT_EXPECTATIONS, PANDERA, TFDV } from './peers.ts';
import { SAMPLES } from './samples.ts';

const page = readFileSync(path.join(import.meta.dirname, '../../../docs/coming-from.md'), 'utf8');

interface Line {
  readonly table: string;
  readonly check: string;
  readonly code: string;
  readonly verdict: string;
}

/** The lines of the page's tables. */
function linesOf(markdown: string): readonly Line[] {
  return markdown.split(/^## /m).flatMap((section) => {
    const [table = '', ...lines] = section.split('\n');
    const rows = lines.filter((line) => line.startsWith('|')).slice(2);
    return rows.map((row) => {
      // A bar within code is written with a backslash.
      const [, check = '', code = '', verdict = ''] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
      const bare = (cell: string): string => cell.replaceAll('`', '').replaceAll('\\|', '|');
      return { table, check: bare(check), code: bare(code), verdict };
    });
  });
}

const all = { nullable: true } as const;
/** The columns that lines may name; a file has some of them. */
const COLUMNS: Readonly<Record<string, Column>> = {
  age: contracts.number(all),
  fare: contracts.number(all),
  code: contracts.text(all),
  class: contracts.text(all),
  day: contracts.date(all),
  seen: contracts.timestamp(all),
};
const OPTIONS = ['evolution', 'format'];
/** Half of the rows of each class, as a profile of training data would say. */
const trained = { kind: 'category', rows: 1000, shares: { '1st': 0.5, '2nd': 0.5 } } as const;

const ages = { kind: 'number', rows: 1000, edges: [0, 10, 20, 30, 40], shares: [0.3, 0.3, 0.3, 0.1] } as const;

/** The contract that a line is of, for a file with these columns. */
function contractOf(code: string, header: readonly string[]) {
  const [, key] = /^(\w+): /.exec(code) ?? [];
  const value = key === undefined ? `[${code}]` : `{ ${code} }`;
  const evaluate = new Function('trained', 'ages', ...Object.keys(contracts), `return ${value}`);
  const made: unknown = evaluate(trained, ages, ...Object.values(contracts));
  const isColumn = key !== undefined && !OPTIONS.includes(key);
  const known = Object.entries(COLUMNS).filter(([name]) => header.includes(name));
  return defineContract({
    name: 'line',
    columns: {
      row: contracts.integer({ role: 'id' }),
      ...Object.fromEntries(known),
      // The line's own column, by the code of the page.
      ...(isColumn ? (made as Record<string, Column>) : {}),
    },
    ...(key === undefined ? { expectations: made as readonly Expectation[] } : {}),
    ...(key !== undefined && !isColumn ? (made as Pick<ContractOptions<unknown>, 'evolution' | 'format'>) : {}),
  });
}

let duckdb: DuckdbPool;
let folder: string;
/** Another dataset, of three rows. */
let others: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-coming-'));
  others = path.join(folder, 'others.csv');
  await writeFile(others, 'code\nA\nB\nC\n');
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

/** The verdict on a sample by the contract of a line. */
async function verdictOf(code: string, { sample, header }: { readonly sample: string; readonly header: string }) {
  const lines = sample.split('/').map((line) => line.replaceAll('\\', '/'));
  const quoted = (line: string): string => (line.includes('[') ? `"${line}"` : line);
  const file = path.join(folder, 'in.csv');
  const numbered = lines.map((line, index) => `${index === 0 ? 'row' : index},${index === 0 ? line : quoted(line)}\n`);
  await writeFile(file, numbered.join(''));
  const contract = contractOf(code, header.split(','));
  const { result } = await checkFile(
    { path: file, contract, references: { others }, folder: path.join(folder, 'out'), duckdb },
    { nowMs: () => 0 },
  );
  return result.verdict;
}

describe('docs/coming-from.md', () => {
  const lines = linesOf(page);

  it('names each check of the three others', () => {
    const checks = [...GREAT_EXPECTATIONS, ...TFDV].filter((name) => !page.includes(`\`${name}\``));
    // Those of pandera are arguments, and methods that also have short names.
    const short: Readonly<Record<string, string>> = {
      ...{
        equal_to: 'Check.eq',
        not_equal_to: 'Check.ne',
        greater_than: 'Check.gt',
        greater_than_or_equal_to: 'Check.ge',
      },
      ...{ less_than: 'Check.lt', less_than_or_equal_to: 'Check.le' },
    };
    const words = new Set(page.match(/[\w.]+/g)?.flatMap((word) => [word, ...word.split('.')]));
    expect([...checks, ...PANDERA.filter((name) => !words.has(short[name] ?? name))]).toEqual([]);
  });

  it('has a sample for each of a hundred lines, and no other', () => {
    const named = lines.map(({ table, check }) => `${table}: ${check}`);
    const sampled = Object.entries(SAMPLES).flatMap(([table, of]) =>
      Object.keys(of).map((check) => `${table}: ${check}`),
    );
    expect(sampled).toEqual(named);
    expect(named.length).toBeGreaterThanOrEqual(100);
  });

  it.each(lines)('$table: $check is $code', async ({ table, check, code, verdict }) => {
    const [good, bad] = SAMPLES[table]?.[check] ?? ['', ''];
    const [header = ''] = good.split('/');
    expect(await verdictOf(code, { sample: good, header })).toBe('pass');
    expect(await verdictOf(code, { sample: bad, header })).toBe(verdict);
  });
});
