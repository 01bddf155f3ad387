import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type CheckFileOptions,
  type CheckOutcome,
  type CheckResult,
  type Contract,
  checkFile,
  datasetsNamedBy,
  exampleText,
  type Unchecked,
} from '#contracts';
import { groupDigits, openDuckdbPool } from '#store';
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
}

const REPORT = 'report.html';
const WRITTEN = ['good.csv', 'bad.csv', 'rejected.jsonl', 'check.json', REPORT];

export interface CheckCommand extends Running {
  readonly flags: CheckFlags;
  readonly around: Surroundings;
}

/** Checks a file against a contract; the exit code is that of the verdict. */
export async function check(file: string, command: CheckCommand): Promise<number> {
  const { flags, around, signal, print, show } = command;
  await assertTextFlags([file], flags);
  const { contract, duckdb: limits } = await chooseContract(flags, around);
  const { into, report, encoding, delimiter } = flags;
  const references = referencesOf(flags.reference ?? [], contract);
  const outputs = [...(into === undefined ? [] : WRITTEN.map((name) => path.join(into, name))), report ?? []].flat();
  for (const each of [file, ...Object.values(references)]) await assertNotOverwritten(each, outputs);
  const scratch = await mkdtemp(path.join(tmpdir(), 'weir-check-'));
  const duckdb = openDuckdbPool({ ...limits, temporaryFolder: scratch, size: 1 });
  const name = path.basename(file);
  try {
    const options = { path: file, name, contract, references, folder: into ?? scratch, duckdb, signal };
    const outcome = await show(`Checking ${printable(name)}`, (onProgress) =>
      checkFile({
        ...{ ...options, onProgress },
        ...(encoding === undefined ? {} : { encoding }),
        ...(delimiter === undefined ? {} : { delimiter }),
      }),
    );
    await writePages(outcome, flags);
    print(flags.json ? toJson(outcome.result) : toText(outcome, flags));
    return VERDICT_CODES[outcome.result.verdict];
  } catch (error) {
    if (flags.json && isUnreadable(error)) print(toJson(UNREADABLE));
    throw error;
  } finally {
    await duckdb.close();
    await rm(scratch, { recursive: true, force: true });
  }
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

async function writePages({ result, files }: CheckOutcome, { into, report }: CheckFlags): Promise<void> {
  const pages = [...(into === undefined ? [] : [path.join(into, REPORT)]), report ?? []].flat();
  if (pages.length === 0) return;
  const { writeReport } = await import('./write-report.ts');
  await writeReport(result, { pages, parts: into === undefined ? {} : files });
}

type CheckSummary = Pick<
  CheckResult,
  'rows' | 'verdict' | 'criticality' | 'violations' | 'unchecked' | 'coerced' | 'references'
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
  digest,
}: CheckSummary): string {
  const listed = violations.map(({ expectation, column, severity, rows: count, share, examples = [] }) => ({
    ...{ expectation, column: column ?? null, severity, rows: count, share, examples },
  }));
  // Undefined fields are left out: there are no unchecked rules, changed cells or other datasets then.
  return `${JSON.stringify({ rows, verdict, criticality: criticality ?? null, violations: listed, unchecked, coerced, references, digest })}\n`;
}

function toText({ result, files }: CheckOutcome, { into, report }: CheckFlags): string {
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
