import { type Flag, isKey, MASK_BITS } from '../check/flags.ts';
import type { SqlNames } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { Rule } from '../rules/rule.ts';
import { toSql } from '../rules/to-sql.ts';
import { FILE, ROW, SPARK } from '../spark/spark-dialect.ts';
import { ROWS } from './set-columns.ts';

/** Rows that a key or another dataset flags, with their masks. */
export const LATE_FLAGS = 'weir_late_flags';

/** The rule of an expectation, which is what a cluster can be asked. */
export function ruleOf({ expectation }: Pick<Flag, 'expectation'>): Rule {
  if (expectation.rule !== undefined) return expectation.rule;
  throw new ContractError(
    'engine_unsuited',
    `Spark cannot be asked the expectation "${expectation.name}", whose SQL is a function for DuckDB. State it as row() or table(), or check without --engine spark.`,
  );
}

const sqlOf = (flag: Flag, names: SqlNames): string => toSql(ruleOf(flag), names, SPARK);

/** A key is asked over all rows; Spark takes a query within a condition of a WHERE alone. */
const isLate = ({ expectation }: Flag, sql: string): boolean => isKey(expectation) || /\bselect\b/i.test(sql);

/** What a row is asked by itself, as the masks of the flags; the others are asked over all rows. */
export function maskColumns(flags: readonly Flag[], names: SqlNames): readonly string[] {
  const asked = flags.map((flag) => ({ flag, sql: sqlOf(flag, names) })).filter(({ flag, sql }) => !isLate(flag, sql));
  return masksOf(flags).map((mask) => {
    const own = asked.filter(({ flag }) => maskOf(flag) === mask);
    const cases = own.map(({ flag, sql }) => `case when ${sql} then ${bitValue(flag)} else 0 end`);
    return `${cases.length === 0 ? '0' : cases.join(' | ')} as ${maskName(mask)}`;
  });
}

/**
 * Selects the places of the rows that repeat a key or lack their row in another dataset, with their masks: of equal keys the
 * first row stays. Undefined where no expectation asks for it. Only places and keys are sorted, and no other cells.
 */
export function maybeLateQuery(flags: readonly Flag[], names: SqlNames): string | undefined {
  const asked = flags.map((flag) => ({ flag, sql: sqlOf(flag, names) })).filter(({ flag, sql }) => isLate(flag, sql));
  const found = asked.map(({ flag, sql }) => {
    const masks = masksOf(flags).map((mask) => `${mask === maskOf(flag) ? bitValue(flag) : 0} as ${maskName(mask)}`);
    const columns = [FILE, ROW, ...masks].join(', ');
    if (!isKey(flag.expectation)) return `select ${columns} from ${ROWS} where ${sql}`;
    const keyed = `select ${FILE}, ${ROW}, ${sql} as weir_key from ${ROWS}`;
    const turns = `select ${FILE}, ${ROW}, weir_key, row_number() over (partition by weir_key order by ${FILE}, ${ROW}) as weir_turn from (${keyed}) weir_keyed where weir_key is not null`;
    return `select ${columns} from (${turns}) weir_turns where weir_turn > 1`;
  });
  if (found.length === 0) return undefined;
  const merged = masksOf(flags).map((mask) => `bit_or(${maskName(mask)}) as ${maskName(mask)}`);
  return `select ${[FILE, ROW, ...merged].join(', ')} from (${found.join(' union all ')}) weir_found group by ${FILE}, ${ROW}`;
}

/** All rows with all that is wrong with them. */
export function flaggedQuery(flags: readonly Flag[], { hasLate }: { readonly hasLate: boolean }): string {
  const masks = masksOf(flags);
  if (!hasLate)
    return `select *, ${masks.map((mask) => `${maskName(mask)} as ${flagsName(mask)}`).join(', ')} from ${ROWS}`;
  const merged = masks.map(
    (mask) => `own.${maskName(mask)} | coalesce(late.${maskName(mask)}, 0) as ${flagsName(mask)}`,
  );
  const isSame = [FILE, ROW].map((column) => `own.${column} = late.${column}`).join(' and ');
  return `select own.*, ${merged.join(', ')} from ${ROWS} own left join ${LATE_FLAGS} late on ${isSame}`;
}

/** Whether a row has the flag. */
export const hasFlag = ({ bit }: Pick<Flag, 'bit'>): string =>
  `(${flagsName(maskOf({ bit }))} & ${bitValue({ bit })}) <> 0`;

/** Whether a row has any of the flags. */
export function hasAny(flags: readonly Flag[]): string {
  const tests = masksOf(flags).map((mask) => {
    const own = flags.filter((flag) => maskOf(flag) === mask);
    const sum = own.reduce((total, flag) => total + bitValue(flag), 0);
    return `(${flagsName(mask)} & ${sum}) <> 0`;
  });
  return flags.length === 0 ? 'false' : tests.join(' or ');
}

export const flagColumns = (flags: readonly Flag[]): readonly string[] => masksOf(flags).map(flagsName);

/** Whether a mask that was read has a flag. */
export const isFlagged = (masks: readonly number[], { bit }: Pick<Flag, 'bit'>): boolean =>
  ((masks[Math.floor(bit / MASK_BITS)] ?? 0) & bitValue({ bit })) !== 0;

const maskName = (mask: number): string => `weir_m${mask}`;
const flagsName = (mask: number): string => `weir_f${mask}`;
const maskOf = ({ bit }: Pick<Flag, 'bit'>): number => Math.floor(bit / MASK_BITS);
const bitValue = ({ bit }: Pick<Flag, 'bit'>): number => 2 ** (bit % MASK_BITS);

/** The numbers of all masks up to the last that a flag is in; one at least. */
function masksOf(flags: readonly Flag[]): readonly number[] {
  return Array.from({ length: Math.max(0, ...flags.map((flag) => maskOf(flag))) + 1 }, (_, mask) => mask);
}
