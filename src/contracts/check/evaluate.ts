import type { Duckdb } from '#store';
import type { CheckResult, Violation } from '../check-result.ts';
import type { Contract, Expectation, Unchecked } from '../contract.ts';
import { ContractError } from '../errors.ts';
import {
  COUNT_ROWS,
  type CompiledGroup,
  type CompileOptions,
  type Counts,
  compileGroup,
  createHeader,
  type GroupOptions,
} from './compile.ts';
import { type Examples, shortened } from './examples.ts';
import { type FlaggedRows, findFlagged } from './flagged-rows.ts';
import { type Flag, settled } from './flags.ts';
import { keepsOrder } from './keeps-order.ts';
import type { HeaderMatch } from './match-header.ts';
import { mayReveal } from './may-reveal.ts';
import { KeyTables, type OtherDataset } from './other-datasets.ts';
import type { Placed } from './placed-expectations.ts';
import type { CheckGroup, CheckPlan } from './plan-groups.ts';
import type { CountedColumn } from './plan-sweep.ts';
import { hasSensitive, isSensitive } from './sensitive.ts';

/** What DuckDB says of what it was asked, over all groups. */
export interface SqlEvaluation {
  /** Rows that it read. */
  readonly rows: number;
  /** In the order of reports; their bits are those of the masks. */
  readonly flags: readonly Flag[];
  readonly counts: Counts;
  readonly flagged: readonly FlaggedRows[];
  /** The results of expectations of the whole file, in the contract's order. */
  readonly tables: readonly TableAnswer[];
}

/** Of a contract that asks it nothing. */
export const NOTHING_FOUND: SqlEvaluation = { rows: 0, flags: [], counts: {}, flagged: [], tables: [] };

/** The results for a file: of a pass, and of DuckDB. */
export interface Evaluation extends Pick<SqlEvaluation, 'flags' | 'counts' | 'tables'> {
  readonly columns: readonly CountedColumn[];
  /** By bit of a function, what it says of the first row for which it throws. */
  readonly failures: ReadonlyMap<number, string>;
}

export interface EvaluateOptions extends Omit<CompileOptions, 'header'> {
  readonly contract: Contract;
  /** Of the whole file. */
  readonly header: HeaderMatch;
  /** Of the file that is read. */
  readonly narrow: CompileOptions['header'];
  readonly others: readonly OtherDataset[];
  readonly plan: CheckPlan;
  readonly rows: number;
  /** How many masks others have. */
  readonly firstMask: number;
  readonly work: string;
  /** Called with the share that is evaluated, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Evaluates all groups, one after the other: each creates its table of rows, which replaces the previous one. */
export async function evaluatePlan(connection: Duckdb, options: EvaluateOptions): Promise<SqlEvaluation> {
  const { plan, contract, header, rows } = options;
  const found: GroupEvaluation[] = [];
  const keys = new KeyTables(contract, options.others);
  try {
    await keys.create(connection);
    // Created only when an expectation of the whole file needs the header: for a small file, statements are most of the
    // cost.
    if (plan.groups.some(({ tables }) => tables.length > 0)) await connection.run(createHeader(contract, header));
    for (const group of plan.groups) {
      const last = found.at(-1)?.compiled.masks.at(-1);
      const firstMask = last === undefined ? options.firstMask : last + 1;
      const asked = { ...options, header: options.narrow, group, firstMask, there: keys.names };
      found.push(await evaluateGroup(connection, asked));
      options.onProgress?.(found.length / plan.groups.length);
    }
    await keys.drop(connection);
  } catch (cause) {
    if (cause instanceof ContractError) throw cause;
    throw failed(`The expectations of contract "${contract.name}" do not run.`, {
      cause,
      isHidden: hasSensitive(contract),
    });
  }
  const counts: Counts = Object.assign({}, ...found.map(({ flagged }) => flagged.counts));
  const flags = found.flatMap(({ compiled }) => compiled.flags).sort((a, b) => a.place - b.place);
  return {
    // Every group reads all rows, or the check ends.
    rows: found.find((group) => group.rows !== rows)?.rows ?? rows,
    flags: settled(flags, { rows, violating: ({ bit }) => counts[`v${bit}`] ?? 0 }),
    counts,
    flagged: found.map(({ flagged }) => flagged),
    tables: found.flatMap(({ tables }) => tables).sort((a, b) => a.place - b.place),
  };
}

interface GroupEvaluation {
  readonly compiled: CompiledGroup;
  readonly rows: number;
  readonly flagged: FlaggedRows;
  readonly tables: readonly TableAnswer[];
}

async function evaluateGroup(
  connection: Duckdb,
  options: GroupOptions & Pick<EvaluateOptions, 'plan' | 'rows' | 'work'> & { readonly group: CheckGroup },
): Promise<GroupEvaluation> {
  const { plan, rows, work, contract } = options;
  const compiled = await makeRows(connection, options);
  const [counted] = await connection.all<{ readonly rows: number }>(COUNT_ROWS);
  const flagged = await findFlagged(connection, { compiled, rows, work, groups: plan.groups.length });
  const tables = await askTables(connection, { compiled, rows, contract });
  return { compiled, rows: counted?.rows ?? 0, flagged, tables };
}

async function makeRows(
  connection: Duckdb,
  options: GroupOptions & { readonly group: CheckGroup },
): Promise<CompiledGroup> {
  try {
    return await makeOrderedRows(connection, options);
  } catch (error) {
    if (!isUnguardable(error)) throw error;
  }
  return makeOrderedRows(connection, { ...options, isGuarded: false });
}

/** Rows are known by their place in the table, which must be that in the file. */
async function makeOrderedRows(
  connection: Duckdb,
  options: GroupOptions & { readonly group: CheckGroup },
): Promise<CompiledGroup> {
  const compiled = compileGroup(options.group, options);
  const isOrdered = await keepsOrder(connection, compiled.createRows);
  const made = isOrdered ? compiled : compileGroup(options.group, { ...options, isSorted: true });
  await connection.run(made.createRows);
  return made;
}

/** Whether a condition has a subquery or a volatile function, which TRY refuses. */
function isUnguardable(error: unknown): boolean {
  return error instanceof Error && error.message.includes('TRY can not be used');
}

interface DuckdbFailure {
  readonly cause: unknown;
  /** Whether its message may quote a sensitive value. */
  readonly isHidden: boolean;
}

function failed(what: string, { cause, isHidden }: DuckdbFailure): ContractError {
  const words = wordsOf({ cause, isHidden });
  // The cause is logged with its message.
  return new ContractError('check_failed', `${what} DuckDB says: ${words}`, isHidden ? {} : { cause });
}

/** What DuckDB says, or only what kind of error it is: its message may quote a value. */
function wordsOf({ cause, isHidden }: DuckdbFailure): string {
  const message = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0] ?? '';
  return isHidden ? `${message.split(':', 1)[0]} (its message may quote a sensitive value)` : message;
}

type Answer = Readonly<Record<string, string | number | boolean | null>>;

/** DuckDB errors caused by the file's values and not by the SQL; DuckDB's own message would quote the values. */
const STUMBLED = [
  [/Out of Range Error|is out of range!/, 'numbers too large to compute with'],
  [/Conversion Error/, 'values that cannot be converted'],
  [/Invalid Input Error/, 'values that cannot be computed with'],
] as const;

/** The answer of an expectation of the whole file. */
export interface FoundOfFile {
  readonly ok: boolean;
  readonly observed: string | number | boolean;
}

/** The result of an expectation of the whole file; empty when it is met. */
export interface TableAnswer extends Placed {
  readonly violation?: Violation;
  /** SQL of another database that does not run here. */
  readonly unchecked?: Unchecked;
}

/** Evaluates a group's expectations of the whole file. */
async function askTables(
  connection: Duckdb,
  { compiled, rows, contract }: { compiled: CompiledGroup; rows: number; contract: Contract },
): Promise<readonly TableAnswer[]> {
  const answers: TableAnswer[] = [];
  for (const { expectation, place, sql } of compiled.tables) {
    const isHidden = mayReveal(expectation, contract);
    const found = await connection.all<Answer>(sql).then(
      (given) => foundIn(given, { name: expectation.name, isHidden }),
      (cause: unknown) => stumbled(expectation, { cause, isHidden }),
    );
    answers.push({ expectation, place, ...answerOf(expectation, { found, rows, isHidden }) });
  }
  return answers;
}

/** What it means. */
export function answerOf(
  expectation: Expectation,
  {
    found,
    rows,
    isHidden,
  }: { readonly found: FoundOfFile | Unchecked; readonly rows: number; readonly isHidden: boolean },
): Pick<TableAnswer, 'violation' | 'unchecked'> {
  if (!('ok' in found)) return { unchecked: found };
  if (found.ok) return {};
  const { observed } = found;
  const shown = typeof observed === 'number' ? Number(observed.toPrecision(6)) : observed;
  const sentence = `${expectation.sentence}; found ${isHidden ? 'a value that is not shown' : shown}`;
  return {
    violation: violationOf({ ...expectation, expectation: expectation.name, sentence }, { rows, rowsIn: rows }),
  };
}

/** What a failed statement means: a violation, SQL of another database, or an error. */
function stumbled(expectation: Expectation, { cause, isHidden }: DuckdbFailure): FoundOfFile | Unchecked {
  const { name, sentence, origin } = expectation;
  const message = cause instanceof Error ? cause.message : '';
  if (origin !== undefined && !/^(?:Interrupt|Out of Memory)/i.test(message)) {
    return { path: origin, rule: sentence, reason: `DuckDB cannot run its SQL: ${wordsOf({ cause, isHidden })}` };
  }
  const [, observed] = STUMBLED.find(([pattern]) => pattern.test(message)) ?? [];
  if (observed !== undefined) return { ok: false, observed };
  const [, unknown] = /Referenced column "([^"]+)"(?: was)? not found/.exec(message) ?? [];
  const hint = unknown === undefined ? '' : ` It uses "${unknown}", which is no column of the contract.`;
  throw failed(`The expectation "${name}" does not run.${hint}`, { cause, isHidden });
}

/** The single row `ok, observed` of an expectation of the whole file; names in SQL are case-insensitive. */
export function foundIn(
  answers: readonly Answer[],
  { name, isHidden }: { readonly name: string; readonly isHidden: boolean },
): FoundOfFile {
  const [answer = {}] = answers;
  const named = new Map(Object.entries(answer).map(([column, value]) => [column.toLowerCase(), value]));
  const ok = named.get('ok') ?? null;
  if (answers.length > 1 || (answers.length === 1 && !named.has('ok')) || (ok !== null && typeof ok !== 'boolean')) {
    const got =
      answers.length > 1
        ? 'more than one row'
        : [...named].map(([column, value]) => (isHidden ? column : `${column} ${value}`)).join(', ');
    throw new ContractError(
      'check_failed',
      `The expectation "${name}" has to answer with one row and a column "ok" that is true or false; it gave ${got}.`,
    );
  }
  return { ok: ok === true, observed: named.get('observed') ?? 'nothing' };
}

type Described = Pick<Violation, 'expectation' | 'column' | 'category' | 'severity' | 'sentence'>;

/** A violation in that many rows. */
function violationOf(
  { expectation, column, category, severity, sentence }: { [K in keyof Described]: Described[K] },
  { rows, rowsIn }: { rows: number; rowsIn: number },
): Violation {
  const share = rowsIn === 0 ? 0 : rows / rowsIn;
  return { expectation, ...(column === undefined ? {} : { column }), category, severity, rows, share, sentence };
}

/** The violations of each condition and key of rows. */
export function rowViolations(
  { flags, counts, failures: messages }: Pick<Evaluation, 'flags' | 'counts' | 'failures'>,
  { rowsIn, examples, contract }: { readonly rowsIn: number; readonly examples: Examples; readonly contract: Contract },
): readonly Violation[] {
  return flags.flatMap(({ expectation, bit, failureBit, isTolerated = false }) => {
    const rows = counts[`v${bit}`] ?? 0;
    if (rows === 0 || isTolerated) return [];
    const failures = failureBit === undefined ? 0 : (counts[`v${failureBit}`] ?? 0);
    const message = mayReveal(expectation, contract) ? undefined : messages.get(bit);
    const why = message === undefined ? '' : `: ${shortened(message)}`;
    const failed =
      failures === 0 ? '' : `; in ${failures === 1 ? '1 row' : `${failures} rows`} it cannot be computed${why}`;
    const described = { ...expectation, expectation: expectation.name, sentence: `${expectation.sentence}${failed}` };
    return [{ ...violationOf(described, { rows, rowsIn }), examples: examples.get(bit) ?? [] }];
  });
}

/** Every expectation that was evaluated, met or not. */
export function evaluated(
  { flags, counts, tables }: Pick<Evaluation, 'flags' | 'counts' | 'tables'>,
  rows: number,
): CheckResult['expectations'] {
  const described = (expectation: Expectation, violating: number) => ({
    expectation: expectation.name,
    ...(expectation.column === undefined ? {} : { column: expectation.column }),
    sentence: expectation.sentence,
    severity: expectation.severity,
    rows: violating,
  });
  return [
    ...flags.map(({ expectation, bit }) => described(expectation, counts[`v${bit}`] ?? 0)),
    ...tables.flatMap(({ expectation, violation, unchecked }) =>
      unchecked === undefined ? [described(expectation, violation === undefined ? 0 : rows)] : [],
    ),
  ];
}

/** Nulls and means of the columns; the mean of a few values of a sensitive one would tell them. */
export function columnFacts(
  { columns, counts }: Pick<Evaluation, 'columns' | 'counts'>,
  contract: Contract,
): CheckResult['columns'] {
  return columns.map(({ name, index, hasMean }) => {
    const mean = hasMean && !isSensitive(contract, name) ? (counts[`a${index}`] ?? undefined) : undefined;
    return { name, nulls: counts[`n${index}`] ?? 0, ...(mean === undefined ? {} : { mean }) };
  });
}
