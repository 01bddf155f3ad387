import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type DuckdbPool, duckdbEngine, type SqlEngine } from '#store';
import type { CheckFileOptions } from '../check/check-file-options.ts';
import { examplesOf } from '../check/examples.ts';
import { failingReasons, headerViolations } from '../check/header-violations.ts';
import { readOtherDatasets } from '../check/other-datasets.ts';
import { resultOf } from '../check/result-of.ts';
import { withWorkFolder } from '../check/work-folder.ts';
import type { CheckResult } from '../check-result.ts';
import { ContractError } from '../errors.ts';
import { literal } from '../sql.ts';
import { type JudgedSet, judgeSet } from './judge-set.ts';
import { type OpenedSet, openSet, type SetFile } from './open-set.ts';
import { placedSamples } from './placed-samples.ts';
import type { SetColumns } from './set-columns.ts';
import { badQuery, goodQuery, type Parting } from './set-parts.ts';

export interface EngineCheckOptions
  extends Pick<
    CheckFileOptions,
    'contract' | 'contractFor' | 'mayLack' | 'encoding' | 'delimiter' | 'references' | 'signal' | 'onProgress'
  > {
  /** The files of the set, in the order in which their rows count as first. */
  readonly files: readonly SetFile[];
  /** What reports call the set. */
  readonly name: string;
  /** Where the parts are written, at a path that is the same for the engine. */
  readonly folder: string;
  /** Whether good and bad rows are written, or only counted. */
  readonly writesParts: boolean;
  readonly duckdb: DuckdbPool;
  /** Called with the folder of unfinished work, when it is there. */
  readonly onWork?: (work: string) => Promise<void>;
}

/** The result of a check on an engine, and what it wrote; a part without rows is absent. */
export interface EngineOutcome {
  readonly result: CheckResult;
  readonly files: {
    /** Folder of Parquet files with the good rows: values in the contract's order, and the place of each row. */
    readonly good?: string;
    /** Folder of Parquet files with the bad rows: place, all reasons, and texts. */
    readonly bad?: string;
    /** Folder with the records that are no rows, as one file of JSON lines for each file of the set. */
    readonly rejected?: string;
  };
}

/**
 * Checks a set of files on an engine as if they were one file. Files of texts are read by the scanner here first, so that
 * no record is lost; Parquet is read by the engine where it says which row is which. Parts appear when all of them are
 * written and their rows add up, and the result last.
 *
 * @throws ContractError `engine_unsuited` for what the engine cannot be asked, `check_failed` when rows do not add up.
 */
export function checkOnEngine(engine: SqlEngine, options: EngineCheckOptions): Promise<EngineOutcome> {
  const startedMs = performance.now();
  return withWorkFolder(options.folder, async (work) => {
    await options.onWork?.(work);
    const others = await readOtherDatasets(options, work);
    const set = await openSet(engine, { ...options, others, work });
    const judged = await judgeSet(engine, { ...options, ...set, others, folder: work, work: set.work });
    const found = await resultFor(options, { set, judged });
    const parts = await writtenParts(engine, { ...options, set, judged, found, work });
    const references = others.map(({ dataset, digest, rows }) => ({ dataset, digest, rows }));
    const result = {
      ...found,
      ...(references.length === 0 ? {} : { references }),
      durationMs: performance.now() - startedMs,
    };
    return { result, files: await publish(parts, { ...options, result, work }) };
  });
}

interface Judged {
  readonly set: OpenedSet;
  readonly judged: JudgedSet;
}

async function resultFor({ name }: EngineCheckOptions, { set, judged }: Judged) {
  const { contract, header, coerced, digest, sizeBytes, at } = set;
  const { rejected } = set.structure;
  const failing = everyRowOf({ set, judged });
  const bad = failing.length > 0 ? judged.rows : judged.bad;
  const samples = await placedSamples(judged.samples, set);
  return resultOf({
    ...{ contract, header, structure: set.structure, evaluation: judged.evaluation, coerced },
    ...{ file: name, digest, sizeBytes },
    rows: { in: judged.rows + rejected, good: judged.rows - bad, bad, rejected },
    examples: examplesOf(judged.evaluation.flags, { samples, contract, header, at }),
  });
}

/** Why no row is good. */
function everyRowOf({ set: { contract, header }, judged: { rows, evaluation } }: Judged): readonly string[] {
  const tables = evaluation.tables.flatMap(({ violation }) => violation ?? []);
  return failingReasons([...headerViolations(contract, header, rows), ...tables]);
}

interface Writing extends EngineCheckOptions, Judged {
  readonly found: Omit<CheckResult, 'durationMs'>;
  readonly work: string;
}

type PartName = 'good' | 'bad' | 'rejected';

/** Writes the parts into the folder of unfinished work, and counts their rows in the files that are there then. */
async function writtenParts(engine: SqlEngine, options: Writing): Promise<readonly PartName[]> {
  const { set, judged, found, work, writesParts, duckdb } = options;
  if (!writesParts) return [];
  const parting: Parting = { from: judged.from, failing: judged.failing, everyRow: everyRowOf(options) };
  const written: PartName[] = [];
  for (const part of ['good', 'bad'] as const) {
    if (found.rows[part] === 0) continue;
    const folder = path.join(work, part);
    await engine.writeParquet(queryOf(part, set, parting), folder, set.work);
    await assertWritten(duckdb, { folder, part, rows: found.rows[part] });
    written.push(part);
  }
  if (found.rows.rejected === 0) return written;
  await mkdir(path.join(work, 'rejected'));
  for (const { name, rejected } of set.rejects) await rename(rejected, path.join(work, 'rejected', `${name}.jsonl`));
  return [...written, 'rejected'];
}

const queryOf = (part: 'good' | 'bad', set: SetColumns, parting: Parting): string =>
  part === 'good' ? goodQuery(set, parting) : badQuery(set, parting);

interface Written {
  readonly folder: string;
  readonly part: string;
  readonly rows: number;
}

async function assertWritten(duckdb: DuckdbPool, { folder, part, rows }: Written): Promise<void> {
  const files = literal(path.join(folder, '*.parquet'));
  const [counted] = await duckdb.use((connection) =>
    duckdbEngine(connection).all<{ readonly n: number }>(
      `select sum(num_rows)::bigint as n from parquet_file_metadata(${files})`,
    ),
  );
  if (counted?.n === rows) return;
  throw new ContractError(
    'check_failed',
    `The count does not add up: ${rows} ${part} rows, and ${counted?.n ?? 0} in the files that were written. Nothing was kept; check once more.`,
  );
}

interface Publishing extends Pick<EngineCheckOptions, 'folder'> {
  readonly result: CheckResult;
  readonly work: string;
}

/** Moves the parts to their place. The old result is removed first and the new one is written last. */
async function publish(
  parts: readonly PartName[],
  { folder, result, work }: Publishing,
): Promise<EngineOutcome['files']> {
  const published = path.join(folder, 'check.json');
  await rm(published, { force: true });
  for (const part of ['good', 'bad', 'rejected']) await rm(path.join(folder, part), { recursive: true, force: true });
  for (const part of parts) await rename(path.join(work, part), path.join(folder, part));
  await writeFile(path.join(work, 'check.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  await rename(path.join(work, 'check.json'), published);
  return Object.fromEntries(parts.map((part) => [part, path.join(folder, part)]));
}
