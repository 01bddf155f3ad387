import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Command, Option } from 'commander';
import {
  type CheckFileOptions,
  type CheckOutcome,
  type CheckResult,
  checkFile,
  contractSource,
  profileFile,
  renderReport,
  suggestContract,
} from '#contracts';
import { openDuckdbPool } from '#store';
import { type ContractFlags, chooseContract, type Surroundings } from '../choose-contract.ts';
import { showLongWork } from '../long-work.ts';
import { EXIT_CODES, isUnreadable, printable, runToEnd, VERDICT_CODES } from './ending.ts';
import {
  assertNotOverwritten,
  contractOption,
  delimiterOf,
  delimiterOption,
  encodingOption,
  projectOption,
} from './file-flags.ts';

const REPORT = 'report.html';
const WRITTEN = ['good.csv', 'bad.csv', 'rejected.jsonl', 'check.json', REPORT];

interface CheckFlags extends ContractFlags, Pick<CheckFileOptions, 'encoding'> {
  readonly into?: string;
  readonly report?: string;
  readonly json?: boolean;
  readonly suggest?: boolean;
  readonly delimiter?: ReturnType<typeof delimiterOf>;
}

interface CheckCommand {
  readonly flags: CheckFlags;
  readonly around: Surroundings;
  readonly signal: AbortSignal;
}

/** Adds `weir check`, which needs neither a database nor a running Weir. */
export function addCheck(program: Command, around: Surroundings, finish: (exitCode: number) => void): void {
  program
    .command('check <file>')
    .description('check a file against a contract; exit code 0 pass, 1 warn, 2 fail, 3 quarantined or unreadable')
    .addOption(projectOption())
    .addOption(contractOption())
    .option('--with-label', "the file has the project's label column, as training data do")
    .option('--into <folder>', 'write good.csv, bad.csv, rejected.jsonl and report.html there')
    .option('--report <file>', 'write the report as one page of HTML')
    .addOption(encodingOption())
    .option('--json', 'print one JSON object')
    .addOption(
      new Option('--suggest', 'print a contract that the file meets, to start from, and check nothing').conflicts([
        ...['contract', 'into', 'report', 'json', 'withLabel'],
      ]),
    )
    .addOption(delimiterOption().default(undefined, 'by the name; only with --suggest'))
    .action(async (file: string, flags: CheckFlags) =>
      finish(
        await runToEnd((signal) =>
          flags.suggest ? suggest(file, { flags, around, signal }) : check(file, { flags, around, signal }),
        ),
      ),
    );
}

async function check(file: string, { flags, around, signal }: CheckCommand): Promise<number> {
  const { contract, duckdb: limits } = await chooseContract(flags, around);
  const { into, report, encoding } = flags;
  const outputs = [...(into === undefined ? [] : WRITTEN.map((name) => path.join(into, name))), report ?? []].flat();
  await assertNotOverwritten(file, outputs);
  const scratch = await mkdtemp(path.join(tmpdir(), 'weir-check-'));
  const duckdb = openDuckdbPool({ ...limits, temporaryFolder: scratch, size: 1 });
  const name = path.basename(file);
  try {
    const options = { path: file, name, contract, folder: into ?? scratch, duckdb, signal };
    const outcome = await showLongWork(`Checking ${printable(name)}`, () =>
      checkFile({ ...options, ...(encoding === undefined ? {} : { encoding }) }),
    );
    await writeReports(outcome.result, flags);
    process.stdout.write(flags.json ? toJson(outcome.result) : toText(outcome, flags));
    return VERDICT_CODES[outcome.result.verdict];
  } catch (error) {
    if (flags.json && isUnreadable(error)) process.stdout.write(toJson(UNREADABLE));
    throw error;
  } finally {
    await duckdb.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function writeReports(result: CheckResult, { into, report }: CheckFlags): Promise<void> {
  const page = renderReport(result, { checkedAt: new Date().toISOString() });
  if (into !== undefined) await writeWhole(path.join(into, REPORT), page);
  if (report !== undefined) await writeWhole(report, page);
}

/** Writes a file that is there as a whole or not at all. */
export async function writeWhole(file: string, content: string): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  await mkdir(folder, { recursive: true });
  const unfinished = path.join(folder, `.${path.basename(file)}-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

type Told = Pick<CheckResult, 'rows' | 'verdict' | 'criticality' | 'violations'> & { readonly digest: string | null };

/** What is told of a file that nothing is known of, since it could not even be opened. */
const UNREADABLE: Told = {
  rows: { in: 0, good: 0, bad: 0, rejected: 0 },
  verdict: 'quarantined',
  criticality: 'high',
  violations: [
    { expectation: 'readable', category: 'structure', severity: 'fail', rows: 0, share: 0, sentence: 'unreadable' },
  ],
  digest: null,
};

function toJson({ rows, verdict, criticality, violations, digest }: Told): string {
  const told = violations.map(({ expectation, column, severity, rows: count, share }) => ({
    ...{ expectation, column: column ?? null, severity, rows: count, share },
  }));
  return `${JSON.stringify({ rows, verdict, criticality: criticality ?? null, violations: told, digest })}\n`;
}

function toText({ result, files }: CheckOutcome, { into, report }: CheckFlags): string {
  const { rows, violations, file, verdict, criticality } = result;
  const lines = violations.map(
    ({ sentence, severity, rows: count, share }) =>
      `  ${severity.padEnd(4)}  ${number(count)} (${(share * 100).toFixed(1)} %)  ${sentence}`,
  );
  const written = [...(into === undefined ? [] : [...Object.values(files), path.join(into, REPORT)]), report ?? []];
  return printable(
    [
      `${file}: ${verdict}${criticality === undefined ? '' : `, criticality ${criticality}`}`,
      `  ${number(rows.in)} rows: ${number(rows.good)} good, ${number(rows.bad)} bad, ${number(rows.rejected)} rejected`,
      ...lines,
      ...written.flat().map((each) => `  → ${each}`),
      '',
    ].join('\n'),
  );
}

const number = (count: number): string => count.toLocaleString('en-US');

async function suggest(file: string, { flags, signal }: CheckCommand): Promise<number> {
  const duckdb = openDuckdbPool({ size: 1 });
  const delimiter = delimiterOf(file, flags.delimiter);
  const { encoding } = flags;
  try {
    const options = { path: file, duckdb, delimiter, signal, ...(encoding === undefined ? {} : { encoding }) };
    const profile = await showLongWork(`Reading ${printable(path.basename(file))}`, () => profileFile(options));
    process.stdout.write(contractSource(suggestContract(profile, { delimiter })));
    return EXIT_CODES.done;
  } finally {
    await duckdb.close();
  }
}
