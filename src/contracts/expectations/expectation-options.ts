import type { CellValue, Expectation, Severity, SqlNames } from '../contract.ts';
import { ContractError } from '../errors.ts';

/** What even the expectations take whose name is their first argument. */
export interface SeverityOption {
  /**
   * What it means when it is not met: `fail` makes the rows bad, `warn` only reports it. `fail` unless set, and `warn` for
   * most expectations of a column as a whole, such as its mean, its order and its shares.
   */
  readonly severity?: Severity;
}

/** The options of every expectation. */
export interface ExpectationOptions extends SeverityOption {
  /**
   * Its name in reports: by default that of its function, with a number where a contract has several for one column.
   */
  readonly name?: string;
}

/** Bounds, both included; at least one is needed. */
export interface Bounds {
  /** Smallest number allowed; no bound unless set. */
  readonly min?: number;
  /** Largest number allowed; no bound unless set. */
  readonly max?: number;
}

/** Values to compare cells with. */
export interface ValuesOption {
  /** The values, as the column's kind has them: `['north', 'south']`, `[1, 2]`. */
  readonly values: readonly CellValue[];
}

/** Another column of the same row. */
export interface OtherOption {
  /** Name of the other column. */
  readonly other: string;
}

/** The columns that SQL of a user reads. */
export interface SqlColumnsOption {
  /** Columns that the SQL names, so that a check keeps only those; any column unless set. Example: `['age', 'class']`. */
  readonly columns?: readonly string[];
}

/**
 * Builds an expectation, named after its function unless the options give a name; its severity is `fail` by default.
 */
export function expectationOf(
  maker: string,
  { name = maker, severity }: ExpectationOptions,
  about: Omit<Expectation, 'name' | 'maker' | 'severity'> & SeverityOption,
): Expectation {
  if (name !== maker && !/^[a-z][a-z0-9-]*$/.test(name)) {
    throw invalid(
      `${maker} expects a name of small letters, digits and dashes, such as few-old; got ${JSON.stringify(name)}.`,
    );
  }
  return { name, maker, ...about, severity: severity ?? about.severity ?? 'fail' };
}

/** SQL for values to compare a column with. */
export function constantsSql(
  { constant }: SqlNames,
  { column, values }: { readonly column: string; readonly values: readonly CellValue[] },
): readonly string[] {
  return values.map((value) => {
    const sql = constant(column, value);
    if (sql !== undefined) return sql;
    throw invalid(`Expected values that the column "${column}" can hold by its kind; got ${JSON.stringify(value)}.`);
  });
}

/** Refuses a bound that is no finite number, and bounds in the wrong order. */
export function assertBounds(name: string, bounds: { readonly min?: number; readonly max?: number }): void {
  const { min, max } = bounds;
  for (const [bound, value] of Object.entries({ min, max })) {
    if (value !== undefined && !Number.isFinite(value)) {
      throw invalid(`${name} expects ${bound} to be a finite number; got ${value}.`);
    }
  }
  if (min === undefined && max === undefined) throw invalid(`${name} expects min, max or both; got neither.`);
  if (min !== undefined && max !== undefined && min > max) {
    throw invalid(`${name} expects min ≤ max; got min ${min} and max ${max}.`);
  }
}

/** "between 1 and 5", "at least 1" or "at most 5". */
export function boundsInWords({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min !== undefined && max !== undefined) return min === max ? `exactly ${min}` : `between ${min} and ${max}`;
  return min === undefined ? `at most ${max}` : `at least ${min}`;
}

export function invalid(message: string): ContractError {
  return new ContractError('expectation_invalid', message);
}
