import type { Duckdb } from '#store';
import type { CheckResult, Violation } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { CompiledCheck, Counts } from './compile.ts';
import { type FlaggedRows, findFlagged } from './flagged-rows.ts';

/** Makes the tables of a check and counts in them. */
export async function countIn(
  connection: Duckdb,
  options: { compiled: CompiledCheck; contract: Contract; rows: number; work: string },
): Promise<FlaggedRows> {
  const { compiled, contract } = options;
  try {
    // Only expectations of the whole file can ask for the header, and a small file's check is mostly statements.
    const header = compiled.tables.length === 0 ? [] : [compiled.createHeader];
    await connection.run([compiled.createRows, ...header].join('; '));
    const [counts = {}] = await connection.all<Counts>(compiled.countRows);
    const flagged = await findFlagged(connection, options);
    return { ...flagged, counts: { ...counts, ...flagged.counts } };
  } catch (cause) {
    throw failed(`The expectations of contract "${contract.name}" do not run.`, cause);
  }
}

function failed(what: string, cause: unknown): ContractError {
  const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
  return new ContractError('check_failed', `${what} DuckDB says: ${reason}`, { cause });
}

interface Answer {
  readonly ok: boolean | null;
  readonly observed: string | number | boolean | null;
}

/** Whether DuckDB stumbled over what the file says rather than over what was asked: a sum that overflows, say. */
function isAboutData(error: unknown): boolean {
  return error instanceof Error && /Out of Range Error|is out of range!/.test(error.message);
}

/** Asks the expectations of the whole file. */
export async function tableViolations(
  connection: Duckdb,
  { compiled, rows }: { compiled: CompiledCheck; rows: number },
): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const { expectation, sql } of compiled.tables) {
    const [answer] = await connection.all<Answer>(sql).catch((cause: unknown): readonly Answer[] => {
      if (isAboutData(cause)) return [{ ok: false, observed: 'numbers too large to compute with' }];
      throw failed(`The expectation "${expectation.name}" does not run.`, cause);
    });
    if (answer?.ok === true) continue;
    const observed = answer?.observed ?? 'nothing';
    const sentence = `${expectation.sentence}; found ${typeof observed === 'number' ? Number(observed.toPrecision(6)) : observed}`;
    violations.push(
      ...violationOf({ ...expectation, expectation: expectation.name, sentence }, { rows, rowsIn: rows }, true),
    );
  }
  return violations;
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

/** Every expectation that was evaluated, met or not. */
export function evaluated(options: {
  compiled: CompiledCheck;
  counts: Counts;
  tables: readonly Violation[];
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
  const failedTables = new Set(tables.map(({ expectation, column }) => `${expectation} ${column ?? ''}`));
  return [
    ...compiled.flags.map(({ expectation, bit }) => described(expectation, counts[`v${bit}`] ?? 0)),
    ...compiled.tables.map(({ expectation }) =>
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
