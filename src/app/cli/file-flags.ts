import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Contract, type FileFormat, formatOf, inEnvironment, withFormat, withoutRoles } from '#contracts';
import type { Config } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';
import { loadContract } from '../project/load-contract.ts';
import type { Surroundings } from './context.ts';

/** The flags that describe a file. */
export interface ContractFlags {
  readonly contract?: string;
  /** The schema object in a data contract in YAML. */
  readonly schema?: string;
  /** The environment of the contract that the file is for. */
  readonly environment?: string;
  readonly withLabel?: boolean;
  /** Other datasets that the file is compared with, each as `name=file`. */
  readonly reference?: readonly string[];
  /** Settings instead of those of the contract. */
  readonly format?: FileFormat;
}

export interface ContractChoice {
  readonly contract: Contract;
  /** The project's limits; absent without a project. */
  readonly duckdb?: Config['duckdb'];
}

/** The contract of `--contract`, or else of the project. Throws a UsageError when there is neither. */
export async function chooseContract(flags: ContractFlags, around: Surroundings): Promise<ContractChoice> {
  const { contract, ...limits } = await chooseWhole(flags, around);
  const { environment, format } = flags;
  const chosen = environment === undefined ? contract : inEnvironment(contract, environment);
  return { contract: format === undefined ? chosen : withFormat(chosen, format), ...limits };
}

/** The names of what is given as `name=file`. */
function datasetsOf(references: readonly string[] = []): readonly string[] {
  return references.map((pair) => pair.slice(0, Math.max(0, pair.indexOf('='))));
}

async function chooseWhole(flags: ContractFlags, around: Surroundings): Promise<ContractChoice> {
  if (flags.contract !== undefined) {
    if (around.projectNamedBy() === 'flag')
      throw new UsageError('usage_invalid', 'Expected --contract or --project; got both.');
    return { contract: await loadContract(flags.contract, flags.schema, datasetsOf(flags.reference)) };
  }
  if (flags.schema !== undefined)
    throw new UsageError('usage_invalid', 'Expected --contract with --schema, which names a part of it.');
  const folder = around.projectFolder();
  if (!(await hasProject(folder))) {
    throw new UsageError(
      'contract_missing',
      `Expected a contract to go by, and there is no project in ${path.resolve(folder)}. Name a contract with --contract <file>, or the project's folder with --project <folder>; "weir check <file> --suggest" writes a first contract.`,
    );
  }
  // Its settings and its code take more to load than a contract alone, and most of that for nothing.
  const { readProjectContract } = await import('./project-contract.ts');
  const { contract, duckdb } = await readProjectContract(folder, around.environment);
  return { contract: flags.withLabel ? contract : withoutRoles(contract, ['label']), duckdb };
}

/** As `chooseContract`, but undefined when neither contract nor project was given. */
export async function maybeChooseContract(
  flags: ContractFlags,
  around: Surroundings,
): Promise<ContractChoice | undefined> {
  const isAsked = flags.contract !== undefined || flags.schema !== undefined || around.projectNamedBy() !== undefined;
  return isAsked ? chooseContract(flags, around) : undefined;
}

/** Throws a UsageError when a project is given to a command that takes none. */
export function assertNoProject(command: string, around: Surroundings): void {
  if (around.projectNamedBy() === 'flag')
    throw new UsageError(
      'usage_invalid',
      `Expected no --project: "weir ${command}" takes nothing from a project. Leave it out.`,
    );
}

async function hasProject(folder: string): Promise<boolean> {
  const file = await stat(path.join(folder, 'project.ts')).catch(() => undefined);
  return file?.isFile() === true;
}

/** Flags for reading text. */
export interface TextFlags {
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly format?: FileFormat;
}

const IN_WORDS = { csv: 'CSV', ndjson: 'NDJSON', 'json-array': 'JSON', parquet: 'Parquet' } as const;

/** Throws a UsageError for a flag that would be ignored: every flag about a file takes effect or is refused. */
export async function assertTextFlags(files: readonly string[], flags: TextFlags): Promise<void> {
  const { delimiter, encoding, format } = flags;
  for (const name of ['delimiter', 'encoding'] as const)
    if (flags[name] !== undefined && format?.[name] !== undefined)
      throw new UsageError('usage_invalid', `Expected --${name} or --format ${name}=…; got both. Leave one out.`);
  const formats = await Promise.all(files.map((file) => formatOf(file, file)));
  const came = `${files.join(' and ')}, which ${files.length === 1 ? 'is' : 'are'} ${[...new Set(formats)].map((format) => IN_WORDS[format]).join(' and ')}`;
  if (delimiter !== undefined && !formats.includes('csv'))
    throw new UsageError('usage_invalid', `Expected --delimiter for CSV only; got it for ${came}. Leave it out.`);
  if (format !== undefined && !formats.includes('csv'))
    throw new UsageError('usage_invalid', `Expected --format for CSV only; got it for ${came}. Leave it out.`);
  if (encoding !== undefined && formats.every((format) => format === 'parquet'))
    throw new UsageError(
      'usage_invalid',
      `Expected --encoding for CSV and NDJSON only; got it for ${came}. Leave it out.`,
    );
}
