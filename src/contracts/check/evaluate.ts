import type { Duckdb } from '#store';
import type { CheckResult, Violation } from '../check-result.ts';
import type { Contract, Expectation, Unchecked } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { CompiledCheck, Counts } from './compile.ts';
import { type FlaggedRows, findFlagged } from './flagged-rows.ts';

/** What was counted, and the statements that counted it. */
export interface Counted extends FlaggedRows {
  readonly compiled: CompiledCheck;
}

/** Makes the tables of a check and counts in them. */
export async function countIn(
  connection: Duckdb,
  options: { contract: Contract; rows: number; work: string; compile: (isGuarded: boolean) => CompiledCheck },
): Promise<Counted> {
  const { contract, compile } = options;
  try {
    const guarded = compile(true);
    const compiled = await makeTables(connection, guarded).then(
      () => guarded,
      async (error: unknown) => {
        if (!isUnguardable(error)) throw error;
        const unguarded = compile(false);
        await makeTables(connection, unguarded);
        return unguarded;
      },
    );
    const [counts = {}] = await connection.all<Counts>(compiled.countRows);
    const flagged = await findFlagged(connection, { ...options, compiled });
    return { ...flagged, compiled, counts: { ...counts, ...flagged.counts } };
  } catch (cause) {
    throw failed(`The expectations of contract "${contract.name}" do not run.`, cause);
  }
}

async function makeTables(connection: Duckdb, compiled: CompiledCheck): Promise<void> {
  // Only expectations of the whole file can ask for the header, and a small file's check is mostly statements.
  const header = compiled.tables.length === 0 ? [] : [compiled.createHeader];
  await connection.run([compiled.createRows, ...header].join('; '));
}

/** Whether a condition has a subquery or a volatile function, which TRY refuses. */
function isUnguardable(error: unknown): boolean {
  return error instanceof Error && error.message.includes('TRY can not be used');
}

function failed(what: string, cause: unknown): ContractError {
  return new ContractError('check_failed', `${what} DuckDB says: ${firstLine(cause)}`, { cause });
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0] ?? '';
}

type Answer = Readonly<Record<string, string | number | boolean | null>>;

/** What DuckDB stumbles over in the file's values, rather than in what was asked; its own message would quote them. */
const STUMBLED = [
  [/Out of Range Error|is out of range!/, 'numbers too large to compute with'],
  [/Conversion Error/, 'values that cannot be converted as asked'],
  [/Invalid Input Error/, 'values that cannot be computed with as asked'],
] as const;

interface Found {
  readonly ok: boolean;
  readonly observed: string | number | boolean;
}

/** What the expectations of the whole file gave. */
export interface TableAnswers {
  readonly violations: readonly Violation[];
  /** SQL of other databases that does not run here. */
  readonly unchecked: readonly Unchecked[];
}

/** Asks the expectations of the whole file. */
export async function askTables(
  connection: Duckdb,
  { compiled, rows }: { compiled: CompiledCheck; rows: number },
): Promise<TableAnswers> {
  const violations: Violation[] = [];
  const unchecked: Unchecked[] = [];
  for (const { expectation, sql } of compiled.tables) {
    const found = await connection.all<Answer>(sql).then(
      (answers) => foundIn(answers, expectation.name),
      (cause: unknown) => stumbled(expectation, cause),
    );
    if (!('ok' in found)) unchecked.push(found);
    if (!('ok' in found) || found.ok) continue;
    const { observed } = found;
    const sentence = `${expectation.sentence}; found ${typeof observed === 'number' ? Number(observed.toPrecision(6)) : observed}`;
    violations.push(
      ...violationOf({ ...expectation, expectation: expectation.name, sentence }, { rows, rowsIn: rows }, true),
    );
  }
  return { violations, unchecked };
}

/** What it means that an expectation did not run: that is how it went, that it is for another database, or an error. */
function stumbled(expectation: Expectation, cause: unknown): Found | Unchecked {
  const { name, sentence, origin } = expectation;
  const message = cause instanceof Error ? cause.message : '';
  if (origin !== undefined && !/^(?:Interrupt|Out of Memory)/i.test(message)) {
    return { path: origin, rule: sentence, reason: `DuckDB cannot run its SQL: ${firstLine(cause)}` };
  }
  const [, observed] = STUMBLED.find(([pattern]) => pattern.test(message)) ?? [];
  if (observed !== undefined) return { ok: false, observed };
  const [, unknown] = /Referenced column "([^"]+)"(?: was)? not found/.exec(message) ?? [];
  const hint = unknown === undefined ? '' : ` It uses "${unknown}", which is none of the columns that it names.`;
  throw failed(`The expectation "${name}" does not run.${hint}`, cause);
}

/** The one row `ok, observed` that an expectation of the whole file answers with; SQL's names have no case. */
function foundIn(answers: readonly Answer[], name: string): Found {
  const [answer = {}] = answers;
  const named = new Map(Object.entries(answer).map(([column, value]) => [column.toLowerCase(), value]));
  const ok = named.get('ok') ?? null;
  if (answers.length > 1 || (answers.length === 1 && !named.has('ok')) || (ok !== null && typeof ok !== 'boolean')) {
    const got =
      answers.length > 1 ? 'more than one row' : [...named].map(([column, value]) => `${column} ${value}`).join(', ');
    throw new ContractError(
      'check_failed',
      `The expectation "${name}" has to answer with one row and a column "ok" that is true or false; it gave ${got}.`,
    );
  }
  return { ok: ok === true, observed: named.get('observed') ?? 'nothing' };
}

type Described = Pick<Violation, 'expectation' | 'column' | 'category' | 'severity' | 'sentence'>;

/** A violation of that many rows; none when there are no such rows, unless it is one of the whole file. */
export function violationOf(
  { expectation, column, category, severity, sentence }: { [K in keyof Described]: Described[K] },
  { rows, rowsIn }: { rows: number; rowsIn: number },
  isWhole = false,
): readonly Violation[] {
  if (rows === 0 && !isWhole) return [];
  const share = rowsIn === 0 ? 0 : rows / rowsIn;
  return [{ expectation, ...(column === undefined ? {} : { column }), category, severity, rows, share, sentence }];
}

/** What went against each condition and key of rows. */
export function rowViolations(
  { compiled, counts }: Pick<Counted, 'compiled' | 'counts'>,
  rowsIn: number,
): readonly Violation[] {
  return compiled.flags.flatMap(({ expectation, bit, failureBit }) => {
    const failures = failureBit === undefined ? 0 : (counts[`v${failureBit}`] ?? 0);
    const failed = failures === 0 ? '' : `; in ${failures === 1 ? '1 row' : `${failures} rows`} it cannot be computed`;
    const described = { ...expectation, expectation: expectation.name, sentence: `${expectation.sentence}${failed}` };
    return violationOf(described, { rows: counts[`v${bit}`] ?? 0, rowsIn });
  });
}

/** Every expectation that was evaluated, met or not. */
export function evaluated(options: {
  compiled: CompiledCheck;
  counts: Counts;
  tables: TableAnswers;
  rows: number;
}): CheckResult['expectations'] {
  const { compiled, counts, tables, rows } = options;
  const described = (expectation: CompiledCheck['flags'][number]['expectation'], violating: number) => ({
    expectation: expectation.name,
    ...(expectation.column === undefined ? {} : { column: expectation.column }),
    sentence: expectation.sentence,
    severity: expectation.severity,
    rows: violating,
  });
  const failedTables = new Set(tables.violations.map(({ expectation, column }) => `${expectation} ${column ?? ''}`));
  const failedToRun = new Set(tables.unchecked.map(({ path }) => path));
  const asked = compiled.tables.filter(
    ({ expectation: { origin } }) => origin === undefined || !failedToRun.has(origin),
  );
  return [
    ...compiled.flags.map(({ expectation, bit }) => described(expectation, counts[`v${bit}`] ?? 0)),
    ...asked.map(({ expectation }) =>
      described(expectation, failedTables.has(`${expectation.name} ${expectation.column ?? ''}`) ? rows : 0),
    ),
  ];
}

/** Nulls and means of the columns. */
export function columnFacts(compiled: CompiledCheck, counts: Counts): CheckResult['columns'] {
  return compiled.columns.map(({ name, index, hasMean, wrongType }) => {
    const mean = hasMean ? (counts[`a${index}`] ?? undefined) : undefined;
    const wrong = wrongType === undefined ? 0 : (counts[`v${wrongType}`] ?? 0);
    const nulls = (counts[`n${index}`] ?? 0) - wrong;
    return { name, nulls, ...(mean === undefined ? {} : { mean }) };
  });
}
