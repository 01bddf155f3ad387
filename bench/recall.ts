import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  category,
  checkFile,
  corruptFile,
  date,
  defineContract,
  ERROR_KINDS,
  type InjectedError,
  integer,
  meanBetween,
  number,
  text,
} from '#contracts';
import { type DuckdbPool, openDuckdbPool } from '#store';
import { seeded } from '../src/contracts/corrupt/random.ts';
import { table } from './table.ts';

/** Every kind of error suits it, and no clean file goes against it. */
const orders = defineContract({
  name: 'orders',
  columns: {
    id: integer({ role: 'id', unique: true, min: 1 }),
    ordered: date(),
    kind: category(['city', 'cargo', 'touring']),
    price: number({ min: 0, max: 6000 }),
    voucher: text({ nullable: true, pattern: '[A-Z]{3}-[0-9]{4}' }),
    remark: text({ alwaysNull: true }),
  },
  expectations: [meanBetween('price', { min: 2500, max: 3500, severity: 'fail' })],
});
const KINDS_OF_ORDERS = ['city', 'cargo', 'touring'];

export interface RecallOptions {
  readonly folder: string;
  /** Files of each kind of error. */
  readonly files: number;
  readonly rows: number;
  /** Share of broken rows where rows are broken. */
  readonly share: number;
}

/** Of one kind of error. Of kinds that break the whole file, files are counted instead of rows. */
export interface Recall {
  readonly kind: string;
  readonly counted: 'rows' | 'files';
  readonly broken: number;
  readonly found: number;
  /** Found though nothing was broken there. */
  readonly wronglyFound: number;
}

/** Breaks clean files in every way there is, checks them, and compares what was found with what was broken. */
export async function measureRecall(options: RecallOptions): Promise<readonly Recall[]> {
  const duckdb = openDuckdbPool({ size: 1 });
  const folder = path.join(options.folder, `recall-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    const clean: string[] = [];
    for (let seed = 1; seed <= options.files; seed++) clean.push(await cleanFile(folder, { ...options, seed }));
    const recalls = [await recallOfClean(clean, { folder, duckdb })];
    for (const { kind, level } of ERROR_KINDS) {
      const counted = level === 'file' ? 'files' : 'rows';
      const sum = { kind, counted, broken: 0, found: 0, wronglyFound: 0 } as const;
      const parts = [];
      for (const [index, file] of clean.entries())
        parts.push(await compare({ kind, file, seed: index + 1, share: options.share, folder, duckdb }));
      recalls.push(parts.reduce((all, part) => add(all, counted === 'files' ? asFile(part) : part), sum as Recall));
    }
    return recalls;
  } finally {
    await duckdb.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Counts = Pick<Recall, 'broken' | 'found' | 'wronglyFound'>;

const add = (all: Recall, part: Counts): Recall => ({
  ...all,
  broken: all.broken + part.broken,
  found: all.found + part.found,
  wronglyFound: all.wronglyFound + part.wronglyFound,
});

const asFile = ({ isSuspected }: { readonly isSuspected: boolean }): Counts => ({
  broken: 1,
  found: isSuspected ? 1 : 0,
  wronglyFound: 0,
});

interface Bench {
  readonly folder: string;
  readonly duckdb: DuckdbPool;
}

async function recallOfClean(files: readonly string[], bench: Bench): Promise<Recall> {
  let wronglyFound = 0;
  for (const file of files) if ((await check(file, bench)).result.verdict !== 'pass') wronglyFound++;
  return { kind: 'nothing', counted: 'files', broken: 0, found: 0, wronglyFound };
}

async function compare(
  options: Bench & { readonly kind: string; readonly file: string; readonly seed: number; readonly share: number },
): Promise<Counts & { readonly isSuspected: boolean }> {
  const { kind, file, seed, share, folder, duckdb } = options;
  const out = path.join(folder, 'broken.csv');
  const { truth } = await corruptFile({ path: file, out, contract: orders, duckdb, seed, share, kinds: [kind] });
  const errors = await linesOfJson<InjectedError>(truth);
  const { result, files } = await check(out, options);
  // A row of the file stands one line further down, below the header.
  const broken = new Set(errors.map(({ row }) => row + 1));
  const found = await foundLines(files);
  const hits = found.filter((line) => broken.has(line)).length;
  return {
    broken: broken.size,
    found: hits,
    wronglyFound: found.length - hits,
    isSuspected: result.verdict !== 'pass',
  };
}

function check(file: string, { folder, duckdb }: Bench) {
  return checkFile({ path: file, contract: orders, folder: path.join(folder, 'checked'), duckdb });
}

async function foundLines(files: { readonly bad?: string; readonly rejected?: string }): Promise<readonly number[]> {
  const bad = files.bad === undefined ? [] : (await readFile(files.bad, 'utf8')).trimEnd().split('\n').slice(1);
  const rejected = files.rejected === undefined ? [] : await linesOfJson<{ line: number }>(files.rejected);
  return [...bad.map((line) => Number(line.slice(0, line.indexOf(',')))), ...rejected.map(({ line }) => line)];
}

async function linesOfJson<T>(file: string): Promise<readonly T[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  // Written by our own code, one object a line.
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}

async function cleanFile(
  folder: string,
  { seed, rows }: { readonly seed: number; readonly rows: number },
): Promise<string> {
  const random = seeded(seed).next;
  const lines = Array.from({ length: rows }, (_, row) => {
    const day = new Date(Date.UTC(2026, 0, 1 + Math.floor(random() * 300))).toISOString().slice(0, 10);
    const voucher = random() < 0.3 ? `ABC-${1000 + Math.floor(random() * 9000)}` : '';
    return [row + 1, day, KINDS_OF_ORDERS[Math.floor(random() * 3)], (random() * 6000).toFixed(2), voucher, ''].join(
      ',',
    );
  });
  const file = path.join(folder, `clean-${seed}.csv`);
  await writeFile(file, ['id,ordered,kind,price,voucher,remark', ...lines, ''].join('\n'));
  return file;
}

/** Precision is the share of what was found that was broken, recall the share of what was broken that was found. */
export function recallTable(recalls: readonly Recall[]): string {
  const share = (part: number, whole: number): string => (whole === 0 ? '–' : (part / whole).toFixed(3));
  const rows = recalls.map(({ kind, counted, broken, found, wronglyFound }) => [
    kind,
    `${broken.toLocaleString('en')} ${counted}`,
    share(found, found + wronglyFound),
    share(found, broken),
    wronglyFound.toLocaleString('en'),
  ]);
  return table(['error', 'broken', 'precision', 'recall', 'found wrongly'], rows);
}
