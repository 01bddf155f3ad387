import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type CheckFileOptions,
  type CheckOutcome,
  type CheckResult,
  type Contract,
  checkFile,
  checkPartitions,
  datasetsNamedBy,
  exampleText,
  type FoundPartitions,
  MANIFEST,
  maybeFindPartitions,
  type PartitionsOutcome,
  type Unchecked,
} from '#contracts';
import { groupDigits, openDuckdbPool, toCountText } from '#store';
import { UsageError } from '../../../project/errors.ts';
import type { Surroundings } from '../../context.ts';
import { isUnreadable, printable } from '../../ending.ts';
import { VERDICT_CODES } from '../../exit-codes.ts';
import { assertTextFlags, type ContractFlags, chooseContract } from '../../file-flags.ts';
import { assertNotOverwritten } from '../../flags.ts';
import type { Running } from '../../terminal.ts';

export interface CheckFlags extends ContractFlags, Pick<CheckFileOptions, 'encoding'> {
  readonly into?: string;
  readonly report?: string;
  readonly json?: boolean;
  readonly suggest?: boolean;
  readonly delimiter?: string;
  readonly engine?: 'spark';
}

/** The result of a check, and where its parts are. */
export interface Checked {
  readonly result: CheckResult;
  readonly files: Readonly<Record<string, string>>;
  /** Files of the folder that were not read. */
  readonly ignored?: readonly string[];
}

const REPORT = 'report.html';
const WRITTEN = ['good.csv', 'bad.csv', 'rejected.jsonl', 'check.json', REPORT];

export interface CheckCommand extends Running {
  readonly flags: CheckFlags;
  readonly around: Surroundings;
}

/** What is checked, and with what. */
export interface Checking {
  /** As it was named. */
  readonly place: string;
  /** Undefined of a single file. */
  readonly dataset: FoundPartitions | undefined;
  /** What the report calls it. */
  readonly name: string;
  readonly options: Pick<
    CheckFileOptions,
    'contract' | 'references' | 'folder' | 'duckdb' | 'signal' | 'encoding' | 'delimiter'
  >;
}

/** Checks a file or a partitioned dataset against a contract; the exit code is that of the verdict. */
export async function check(
  place: string,
  command: CheckCommand,
  checkWith: (checking: Checking, command: CheckCommand) => Promise<Checked> = checkHere,
): Promise<number> {
  const dataset = await withUnreadable(command, () => maybeFindPartitions(place));
  return withOptions({ place, dataset }, command, (checking) =>
    withUnreadable(command, async () => {
      const checked = await checkWith(checking, command);
      return conclude({ ...checked, ignored: dataset?.ignored ?? [] }, command);
    }),
  );
}

/** Prints the object that `--json` promises also for data that cannot be read. */
async function withUnreadable<T>({ flags, print }: CheckCommand, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (flags.json && isUnreadable(error)) print(toJson(UNREADABLE));
    throw error;
  }
}

async function withOptions<T>(
  { place, dataset }: Pick<Checking, 'place' | 'dataset'>,
  { flags, around, signal }: CheckCommand,
  work: (checking: Checking) => Promise<T>,
): Promise<T> {
  await assertTextFlags(dataset?.partitions.map((partition) => partition.path) ?? [place], flags);
  const { contract, duckdb: limits } = await chooseContract(flags, around);
  const { into, encoding, delimiter } = flags;
  const references = referencesOf(flags.reference ?? [], contract);
  await assertPlaces(place, { flags, dataset, references });
  // Not by the threads of the disk, each of whose turns a small check would wait for.
  const scratch = mkdtempSync(path.join(tmpdir(), 'weir-check-'));
  const duckdb = openDuckdbPool({ ...limits, temporaryFolder: scratch, size: 1 });
  const text = { ...(encoding === undefined ? {} : { encoding }), ...(delimiter === undefined ? {} : { delimiter }) };
  const options = { contract, references, folder: into ?? scratch, duckdb, signal, ...text };
  try {
    return await work({ place, dataset, name: dataset?.name ?? path.basename(place), options });
  } finally {
    await duckdb.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function checkHere({ place, dataset, name, options }: Checking, { show }: CheckCommand): Promise<Checked> {
  const checked = await show<CheckOutcome | PartitionsOutcome>(`Checking ${printable(name)}`, (onProgress) =>
    dataset === undefined
      ? checkFile({ ...options, name, path: place, onProgress })
      : checkPartitions({ ...options, name, partitions: dataset.partitions, onProgress }),
  );
  return {
    result: checked.result,
    files: 'files' in checked ? checked.files : writtenOf(checked, options.folder),
  };
}

async function conclude(checked: Checked, { flags, print }: CheckCommand): Promise<number> {
  await writePages(checked, flags);
  print(flags.json ? toJson(checked.result) : toText(checked, flags));
  return VERDICT_CODES[checked.result.verdict];
}

/** The folders of the rows of a dataset, and the manifest of their files. */
function writtenOf({ manifest }: PartitionsOutcome, folder: string): Readonly<Record<string, string>> {
  if (manifest === undefined) return {};
  const kinds = (['good', 'bad', 'rejected'] as const).filter((kind) => manifest.rows[kind] > 0);
  return Object.fromEntries([...kinds, MANIFEST].map((each) => [each, path.join(folder, each)]));
}

/** Throws a UsageError where a place to write to is one that is read. */
async function assertPlaces(
  file: string,
  {
    flags: { into, report },
    dataset,
    references,
  }: {
    readonly flags: CheckFlags;
    readonly dataset: FoundPartitions | undefined;
    readonly references: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const outputs = [...(into === undefined ? [] : WRITTEN.map((name) => path.join(into, name))), report ?? []].flat();
  for (const each of [file, ...Object.values(references)]) await assertNotOverwritten(each, outputs);
  if (dataset === undefined || into === undefined) return;
  const place = path.resolve(into);
  const isApart =
    path.relative(dataset.root, place).startsWith('..') && path.relative(place, dataset.root).startsWith('..');
  if (isApart) return;
  throw new UsageError(
    'usage_invalid',
    `Expected another folder to write to than that of the dataset, neither in it nor around it, so that what is written is not read as data; got ${place}.`,
  );
}

/** The files of other datasets, by their names in the contract. */
function referencesOf(given: readonly string[], contract: Contract): Readonly<Record<string, string>> {
  const named = datasetsNamedBy(contract);
  const pairs = given.map((pair) => {
    const [, name = '', file = ''] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (named.includes(name)) return [name, file] as const;
    const names = named.length === 0 ? 'the contract names none' : `the contract names ${named.join(', ')}`;
    throw new UsageError(
      'usage_invalid',
      `Expected a dataset and its file, such as --reference ${named[0] ?? 'customers'}=file.csv; got ${JSON.stringify(pair)}, and ${names}.`,
    );
  });
  return Object.fromEntries(pairs);
}

async function writePages({ result, files }: Checked, { into, report }: CheckFlags): Promise<void> {
  const pages = [...(into === undefined ? [] : [path.join(into, REPORT)]), report ?? []].flat();
  if (pages.length === 0) return;
  const { writeReport } = await import('./write-report.ts');
  await writeReport(result, { pages, parts: into === undefined ? {} : files });
}

type CheckSummary = Pick<
  CheckResult,
  'rows' | 'verdict' | 'criticality' | 'violations' | 'unchecked' | 'coerced' | 'references' | 'partitions'
> & {
  readonly digest: string | null;
};

/** The summary of a file that could not even be opened. */
const UNREADABLE: CheckSummary = {
  rows: { in: 0, good: 0, bad: 0, rejected: 0 },
  verdict: 'quarantined',
  criticality: 'high',
  violations: [
    { expectation: 'readable', category: 'structure', severity: 'fail', rows: 0, share: 0, sentence: 'unreadable' },
  ],
  digest: null,
};

function toJson({
  rows,
  verdict,
  criticality,
  violations,
  unchecked,
  coerced,
  references,
  partitions,
  digest,
}: CheckSummary): string {
  const listed = violations.map(({ expectation, column, severity, rows: count, share, examples = [] }) => ({
    ...{ expectation, column: column ?? null, severity, rows: count, share, examples },
  }));
  // Undefined fields are left out: there are no unchecked rules, changed cells or other datasets then.
  return `${JSON.stringify({ rows, verdict, criticality: criticality ?? null, violations: listed, unchecked, coerced, references, partitions, digest })}\n`;
}

function toText({ result, files, ignored = [] }: Checked, { into, report }: CheckFlags): string {
  const { rows, violations, unchecked = [], coerced, references = [], file, verdict, criticality } = result;
  const lines = violations.flatMap(({ sentence, severity, rows: count, share, examples = [] }) => [
    `  ${severity.padEnd(4)}  ${groupDigits(count)} (${(share * 100).toFixed(1)} %)  ${sentence}`,
    ...examples.map((example) => `          ${exampleText(example)}`),
  ]);
  const written = [...(into === undefined ? [] : [...Object.values(files), path.join(into, REPORT)]), report ?? []];
  return printable(
    [
      `${file}: ${verdict}${criticality === undefined ? '' : `, criticality ${criticality}`}`,
      `  ${groupDigits(rows.in)} rows: ${groupDigits(rows.good)} good, ${groupDigits(rows.bad)} bad, ${groupDigits(rows.rejected)} rejected`,
      ...partitionLines(result, ignored),
      ...lines,
      ...references.map(
        ({ dataset, digest, rows: there }) =>
          `  compared with ${dataset}: ${groupDigits(there)} rows, version ${digest.slice(0, VERSION_LENGTH)}`,
      ),
      ...coercedLines(coerced),
      ...uncheckedLines(unchecked),
      ...written.flat().map((each) => `  → ${each}`),
      '',
    ].join('\n'),
  );
}

/** How many files of a dataset are named. */
const NAMED_MAX = 5;

function partitionLines({ partitions }: CheckResult, ignored: readonly string[]): readonly string[] {
  if (partitions === undefined) return [];
  const wrong = partitions.filter(({ rows }) => rows.good < rows.in).map(({ name }) => name);
  return [
    `  in ${toCountText(partitions.length, 'file')}${wrong.length === 0 ? '' : `, of which ${toCountText(wrong.length, 'file')} with bad or rejected rows: ${named(wrong)}`}`,
    ...(ignored.length === 0 ? [] : [`  not read, as their names are those of no data: ${named(ignored)}`]),
  ];
}

function named(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return `${names.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${groupDigits(more)} more` : ''}`;
}

/** So much of a digest tells versions apart. */
const VERSION_LENGTH = 12;

function coercedLines(coerced: CheckResult['coerced'] = {}): readonly string[] {
  return Object.entries(coerced).map(([column, counts]) => {
    const changes = Object.entries(counts).map(([coercion, cells]) => `${coercion} in ${groupDigits(cells)}`);
    return `  cells of ${column} were changed: ${changes.join(', ')}`;
  });
}

/** More would scroll the verdict off the screen. */
const UNCHECKED_MAX = 20;

function uncheckedLines(unchecked: readonly Unchecked[]): readonly string[] {
  if (unchecked.length === 0) return [];
  const count =
    unchecked.length === 1 ? '1 rule of the contract is' : `${groupDigits(unchecked.length)} rules of the contract are`;
  const lines = unchecked.slice(0, UNCHECKED_MAX).map(({ path, rule, reason }) => `    ${path}: ${rule}; ${reason}`);
  const more = unchecked.length - lines.length;
  return [
    `  ${count} not checked:`,
    ...lines,
    ...(more > 0 ? [`    and ${groupDigits(more)} more, which --json and --report name`] : []),
  ];
}
