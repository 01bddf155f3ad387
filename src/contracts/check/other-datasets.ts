import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Duckdb } from '#store';
import type { ColumnKind, Contract, NamesThere } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { typedSql } from '../kinds/typed-sql.ts';
import type { KeysThere, Rule } from '../rules/rule.ts';
import { formatOf } from '../scan/format.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { scanFile } from '../scan/scan-file.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { identifier } from '../sql.ts';
import type { CheckFileOptions } from './check-file-options.ts';
import { readCsv } from './compile.ts';
import { fileReading } from './file-reading.ts';

/** Another dataset, as it was read once for a check. */
export interface OtherDataset {
  readonly dataset: string;
  /** Of the bytes that were read. */
  readonly digest: string;
  readonly rows: number;
  /** Undefined of a file without even a header, which has no rows. */
  readonly names: readonly string[] | undefined;
  /** Its rows in SQL, with columns `weir_raw_0` and so on. */
  readonly from: string;
}

/** The datasets that the rules of a contract name. */
export function datasetsNamedBy({ expectations }: Pick<Contract, 'expectations'>): readonly string[] {
  const rules = expectations.flatMap(({ rule }) => (rule === undefined ? [] : conditionsIn(rule)));
  const named = rules.flatMap((rule) => {
    if ('dataset' in rule) return [rule.dataset];
    return 'datasets' in rule ? (rule.datasets ?? []) : [];
  });
  return [...new Set(named)];
}

/** The same contract without the rules that name other datasets. */
export function withoutDatasets<C extends Contract>(contract: C): C {
  const isAlone = (expectation: Contract['expectations'][number]): boolean =>
    datasetsNamedBy({ expectations: [expectation] }).length === 0;
  return contract.expectations.every(isAlone)
    ? contract
    : Object.freeze({ ...contract, expectations: Object.freeze(contract.expectations.filter(isAlone)) });
}

/** A rule, and the condition under which it is asked. */
function conditionsIn(rule: Rule) {
  return [rule, ...('where' in rule && rule.where !== undefined && 'over' in rule.where ? [rule.where] : [])];
}

const DELIMITER = ',';

type Given = Pick<CheckFileOptions, 'contract' | 'references' | 'duckdb' | 'signal'>;

/**
 * Reads the datasets that the contract names, each once: a copy of its rows, how many they are, and its digest. A file that is
 * written to meanwhile is as it was read.
 *
 * @throws ContractError `reference_missing` when one is not given; `file_unreadable` when it cannot be read.
 */
export async function readOtherDatasets(given: Given, work: string): Promise<readonly OtherDataset[]> {
  const { contract, references = {} } = given;
  const named = datasetsNamedBy(contract);
  const missing = named.find((dataset) => !Object.hasOwn(references, dataset));
  if (missing !== undefined) {
    throw new ContractError(
      'reference_missing',
      `The contract "${contract.name}" compares files with the dataset "${missing}"; got no such dataset. Give it by --reference ${missing}=<file>, or under references in project.ts.`,
    );
  }
  const found: OtherDataset[] = [];
  for (const [index, dataset] of named.entries()) {
    found.push(await readOne(dataset, { ...given, folder: path.join(work, `there-${index}`) }));
  }
  return found;
}

async function readOne(
  dataset: string,
  { references = {}, duckdb, signal, folder }: Given & { readonly folder: string },
): Promise<OtherDataset> {
  const file = references[dataset] ?? '';
  await mkdir(folder);
  try {
    const format = await formatOf(file, file);
    const { delimiter: fileDelimiter, ...reading } =
      format === 'csv' ? await fileReading({ path: file }) : { delimiter: DELIMITER };
    const scanOptions = {
      path: file,
      ...reading,
      folder,
      delimiter: DELIMITER,
      fileDelimiter,
      ...(signal && { signal }),
    };
    return datasetOf(dataset, await scanFile(format, { scanOptions, duckdb }));
  } catch (cause) {
    if (!(cause instanceof UndecodableError)) throw cause;
    throw new ContractError('file_unreadable', `The dataset "${dataset}" cannot be read: ${cause.message}`, { cause });
  }
}

function datasetOf(
  dataset: string,
  { header: names, records: rows, source, files, recordBytesLongest }: Scan,
): OtherDataset {
  const header = { names: names ?? [] };
  const from = readCsv({ delimiter: DELIMITER }, { header, file: files.canonical, recordBytesLongest });
  return { dataset, digest: source.digest, rows, names, from };
}

interface KeyTable {
  readonly name: string;
  readonly rule: KeysThere;
  readonly kinds: readonly ColumnKind[];
}

/** The values that rows are looked up among: one table for each dataset, its columns, and the kinds they are read as. */
export class KeyTables {
  readonly #tables: readonly KeyTable[];
  readonly #others: ReadonlyMap<string, OtherDataset>;
  readonly #contract: Contract;

  constructor(contract: Contract, others: readonly OtherDataset[]) {
    this.#contract = contract;
    this.#others = new Map(others.map((other) => [other.dataset, other]));
    const tables = new Map<string, KeyTable>();
    for (const { rule } of contract.expectations) {
      for (const each of rule === undefined ? [] : conditionsIn(rule)) {
        if (each.over !== 'row' || each.test !== 'known') continue;
        const kinds = this.#kindsOf(each.columns);
        const identity = identityOf(each, kinds);
        if (!tables.has(identity)) tables.set(identity, { name: `weir_there_${tables.size}`, rule: each, kinds });
      }
    }
    this.#tables = [...tables.values()];
  }

  get names(): NamesThere {
    return {
      keys: (rule, columns) => {
        const identity = identityOf(rule, this.#kindsOf(columns));
        const table = this.#tables.find((each) => identityOf(each.rule, each.kinds) === identity);
        return table?.name ?? '';
      },
      table: (dataset) => this.#tableOf(dataset),
      rows: (dataset) => String(this.#others.get(dataset)?.rows ?? 0),
    };
  }

  #tableOf(dataset: string): string {
    const { names = [], from = '' } = this.#others.get(dataset) ?? {};
    const columns = names.map((name, position) => `weir_raw_${position} as ${identifier(name)}`);
    // Of a file without a header nothing but that it has no rows can be asked.
    return names.length === 0 ? '(select 1 where false)' : `(select ${columns.join(', ')} from ${from})`;
  }

  async create(connection: Duckdb): Promise<void> {
    for (const { name, rule, kinds } of this.#tables) {
      const texts = this.#textsOf(rule);
      const values = kinds.map((kind, index) => `${typedSql(kind, texts[index] ?? 'null::varchar')} as k${index}`);
      const from = this.#others.get(rule.dataset)?.names === undefined ? '(select 1 where false)' : this.#fromOf(rule);
      const isWhole = kinds.map((_, index) => `k${index} is not null`).join(' and ');
      await connection.run(
        `create or replace temp table ${name} as select distinct * from (select ${values.join(', ')} from ${from}) where ${isWhole}`,
      );
    }
  }

  async drop(connection: Duckdb): Promise<void> {
    for (const { name } of this.#tables) await connection.run(`drop table if exists ${name}`);
  }

  #fromOf({ dataset }: KeysThere): string {
    return this.#others.get(dataset)?.from ?? '';
  }

  #textsOf({ dataset, there }: KeysThere): readonly string[] {
    const names = this.#others.get(dataset)?.names;
    if (names === undefined) return [];
    return there.map((column) => {
      const position = names.indexOf(column);
      if (position >= 0) return `weir_raw_${position}`;
      throw new ContractError(
        'reference_missing',
        `Expected the column "${column}" in the dataset "${dataset}"; it has ${names.join(', ')}. Correct columnsThere, or give another file.`,
      );
    });
  }

  #kindsOf(columns: readonly string[]): readonly ColumnKind[] {
    return columns.map((column) => this.#contract.columns[column]?.kind ?? 'text');
  }
}

function identityOf({ dataset, there }: KeysThere, kinds: readonly ColumnKind[]): string {
  return JSON.stringify([dataset, there, kinds]);
}
