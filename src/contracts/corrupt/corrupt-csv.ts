import { rename, rm } from 'node:fs/promises';
import { matchHeader } from '../check/header.ts';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { fieldsOf, toRecord } from '../scan/fields.ts';
import { scanRecords } from '../scan/scan-records.ts';
import type { InjectedError, Injector } from './injector.ts';
import { INJECTORS } from './injectors/index.ts';
import { type Random, seeded } from './random.ts';

export interface CorruptCsvOptions {
  readonly path: string;
  /** The broken copy; what was done is written beside it, to `<out>.truth.jsonl`. */
  readonly out: string;
  readonly contract: Contract;
  readonly seed: number;
  /** Share of rows that get an error, 0 to 1; unless it is 0, one row at least. */
  readonly share: number;
  /** Kinds of errors to choose from; all that suit the contract unless said. */
  readonly kinds?: readonly string[];
}

export interface CorruptCsv {
  readonly rows: number;
  readonly errors: number;
  readonly truth: string;
}

/** Copies a CSV file with errors in it, the same for the same seed, and keeps which error was put where. */
export async function corruptCsv(options: CorruptCsvOptions): Promise<CorruptCsv> {
  const { path: source, out, contract, share } = options;
  if (!(share >= 0 && share <= 1)) {
    throw new ContractError('corrupt_failed', `Expected a share of rows from 0 to 1; got ${share}.`);
  }
  const truth = `${out}.truth.jsonl`;
  const writers = { out: new ByteWriter(`${out}.writing`), truth: new ByteWriter(`${truth}.writing`) };
  await Promise.all([rm(writers.out.path, { force: true }), rm(writers.truth.path, { force: true })]);
  const rows = await countRows(source, contract);
  const corruption = new Corruption({ ...options, rows, writers });
  const flush = async (): Promise<void> => {
    await writers.out.flush();
    await writers.truth.flush();
  };
  await scanRecords({
    path: source,
    delimiter: contract.delimiter,
    onRecord: (bytes, isSound) => corruption.take(bytes, isSound),
    onBlock: flush,
  });
  await Promise.all([writers.out.close(), writers.truth.close()]);
  await rename(writers.truth.path, truth);
  await rename(writers.out.path, out);
  return { rows, errors: corruption.errors, truth };
}

async function countRows(path: string, { delimiter }: Contract): Promise<number> {
  let records = 0;
  const onRecord = (): void => {
    records++;
  };
  await scanRecords({ path, delimiter, onRecord });
  return Math.max(0, records - 1);
}

class Corruption {
  readonly #contract: Contract;
  readonly #random: Random;
  readonly #writers: { readonly out: ByteWriter; readonly truth: ByteWriter };
  readonly #injectors: readonly Injector[];
  #positions: ReadonlyMap<string, number> | undefined;
  #row = 0;
  #rowsLeft: number;
  #errorsLeft: number;
  errors = 0;

  constructor(
    options: CorruptCsvOptions & {
      readonly rows: number;
      readonly writers: { readonly out: ByteWriter; readonly truth: ByteWriter };
    },
  ) {
    this.#contract = options.contract;
    this.#random = seeded(options.seed);
    this.#writers = options.writers;
    this.#injectors = chosen(options);
    this.#rowsLeft = options.rows;
    this.#errorsLeft =
      options.share === 0 ? 0 : Math.min(options.rows, Math.max(1, Math.round(options.share * options.rows)));
  }

  take(bytes: Buffer, isSound: boolean): void {
    const { delimiter } = this.#contract;
    if (this.#positions === undefined) {
      this.#positions = matchHeader(this.#contract, fieldsOf(bytes.subarray(0, -1), delimiter)).positions;
      this.#writers.out.append(bytes);
      return;
    }
    this.#row++;
    // Chance adjusted as rows go by, so that exactly the wanted number is hit.
    const isHit = this.#random.next() * this.#rowsLeft < this.#errorsLeft;
    this.#rowsLeft--;
    if (isHit) this.#errorsLeft--;
    // What is broken already stays as it is.
    if (!isHit || !isSound) this.#writers.out.append(bytes);
    else this.#writers.out.appendText(`${this.#broken(fieldsOf(bytes.subarray(0, -1), delimiter))}\n`);
  }

  #broken(fields: string[]): string {
    const positions = this.#positions ?? new Map<string, number>();
    const choices = this.#injectors.flatMap((injector) => {
      const suited = [...positions].filter(([name]) => injector.suits(this.#contract.columns[name]!));
      return suited.length === 0 ? [] : [{ injector, suited }];
    });
    if (choices.length > 0) {
      const { injector, suited } = this.#random.pick(choices);
      const [column, position] = this.#random.pick(suited);
      const before = fields[position] ?? '';
      const after = injector.inject(before, { column: this.#contract.columns[column]!, random: this.#random });
      fields[position] = after;
      const error: InjectedError = { row: this.#row, column, kind: injector.kind, before, after };
      this.#writers.truth.appendText(`${JSON.stringify(error)}\n`);
      this.errors++;
    }
    return toRecord(fields, this.#contract.delimiter);
  }
}

function chosen({ kinds }: CorruptCsvOptions): readonly Injector[] {
  if (kinds === undefined) return INJECTORS;
  return kinds.map((kind) => {
    const injector = INJECTORS.find((known) => known.kind === kind);
    if (injector !== undefined) return injector;
    const known = INJECTORS.map((candidate) => candidate.kind).join(', ');
    throw new ContractError('corrupt_failed', `Expected kinds of errors among ${known}; got ${JSON.stringify(kind)}.`);
  });
}
