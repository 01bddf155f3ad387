import { rename, rm } from 'node:fs/promises';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { scanRecords } from '../scan/scan-records.ts';
import { Corruption } from './corruption.ts';
import type { Injector } from './injector.ts';
import { INJECTORS } from './injectors/index.ts';

export interface CorruptCsvOptions {
  readonly path: string;
  /** The broken copy; what was done is written beside it, to `<out>.truth.jsonl`. */
  readonly out: string;
  readonly contract: Contract;
  readonly seed: number;
  /** Share of rows that get an error, 0 to 1; unless it is 0, one row at least. */
  readonly share: number;
  /**
   * Kinds of errors, see `ERROR_KINDS`. Those of cells and rows are chosen from; each one of the whole file is done.
   * Unless said: all of cells and rows that suit the contract.
   */
  readonly kinds?: readonly string[];
  readonly signal?: AbortSignal;
  /** Told again and again which share of the work is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

export interface CorruptCsv {
  readonly rows: number;
  /** How many errors were put in; the truth has a line for each. */
  readonly errors: number;
  readonly truth: string;
}

/** Every kind of error, and whether it breaks a cell, a row or the file. */
export const ERROR_KINDS: readonly { readonly kind: string; readonly level: Injector['level'] }[] = INJECTORS.map(
  ({ kind, level }) => ({ kind, level }),
);

/** Copies a CSV file with errors in it, the same for the same seed, and keeps which error was put where. */
export async function corruptCsv(options: CorruptCsvOptions): Promise<CorruptCsv> {
  const { out, share } = options;
  if (!(share >= 0 && share <= 1)) {
    throw new ContractError('corrupt_failed', `Expected a share of rows from 0 to 1; got ${share}.`);
  }
  const injectors = chosen(options);
  const truth = `${out}.truth.jsonl`;
  const writers = { out: new ByteWriter(`${out}.writing`), truth: new ByteWriter(`${truth}.writing`) };
  await discard(writers);
  try {
    const made = await writeBroken(options, { injectors, writers });
    await Promise.all([writers.out.close(), writers.truth.close()]);
    await rename(writers.truth.path, truth);
    await rename(writers.out.path, out);
    return { ...made, truth };
  } catch (error) {
    await Promise.all([writers.out.abandon(), writers.truth.abandon()]);
    await discard(writers);
    throw error;
  }
}

interface Writers {
  readonly out: ByteWriter;
  readonly truth: ByteWriter;
}

async function discard(writers: Writers): Promise<void> {
  await Promise.all([rm(writers.out.path, { force: true }), rm(writers.truth.path, { force: true })]);
}

async function writeBroken(
  options: CorruptCsvOptions,
  { injectors, writers }: { readonly injectors: readonly Injector[]; readonly writers: Writers },
): Promise<Omit<CorruptCsv, 'truth'>> {
  const { contract, seed, share } = options;
  const rows = await countRows(options);
  let told = 0;
  const corruption = new Corruption({
    ...{ contract, seed, injectors, rows },
    errors: share === 0 ? 0 : Math.min(rows, Math.max(1, Math.round(share * rows))),
    write: (record) => {
      writers.out.append(record);
      writers.out.appendText('\n');
    },
    tell: (error) => {
      told++;
      writers.truth.appendText(`${JSON.stringify(error)}\n`);
    },
  });
  const onBlock = async (): Promise<void> => {
    await writers.out.flush();
    await writers.truth.flush();
  };
  const onRecord = (bytes: Buffer, isSound: boolean): void => corruption.take(bytes, isSound);
  const onProgress = (done: number): void => options.onProgress?.(0.5 + done / 2);
  await scanRecords({ ...readingOf(options), onRecord, onBlock, onProgress });
  return { rows, errors: told };
}

async function countRows(options: CorruptCsvOptions): Promise<number> {
  let records = 0;
  const onRecord = (): void => {
    records++;
  };
  const onProgress = (share: number): void => options.onProgress?.(share / 2);
  await scanRecords({ ...readingOf(options), onRecord, onProgress });
  return Math.max(0, records - 1);
}

function readingOf({ path, contract, signal }: CorruptCsvOptions) {
  return { path, delimiter: contract.delimiter, ...(signal ? { signal } : {}) };
}

function chosen({ kinds }: CorruptCsvOptions): readonly Injector[] {
  if (kinds === undefined) return INJECTORS.filter(({ level }) => level !== 'file');
  return kinds.map((kind) => {
    const injector = INJECTORS.find((known) => known.kind === kind);
    if (injector !== undefined) return injector;
    const known = INJECTORS.map((candidate) => candidate.kind).join(', ');
    throw new ContractError('corrupt_failed', `Expected kinds of errors among ${known}; got ${JSON.stringify(kind)}.`);
  });
}
