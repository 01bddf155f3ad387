import type { CellValue, Expectation, Severity } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { maybeColumnsOf } from '../rules/needs.ts';
import type { Rule, TableRule } from '../rules/rule.ts';
import { toSql } from '../rules/to-sql.ts';

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

/** What an expectation is, beside what its rule says of it. */
export type About = Pick<Expectation, 'category' | 'sentence'> &
  SeverityOption & {
    readonly rule: Rule;
    /** Of a rule of the table; `distribution` unless set. */
    readonly level?: Expectation['level'];
  };

/**
 * Builds an expectation from its rule, named after its function unless the options give a name; its severity is `fail` by
 * default.
 */
export function expectationOf(
  maker: string,
  { name = maker, severity }: ExpectationOptions,
  { rule, severity: usual = 'fail', ...about }: About,
): Expectation {
  if (name !== maker && !/^[a-z][a-z0-9-]*$/.test(name)) {
    throw invalid(
      `${maker} expects a name of small letters, digits and dashes, such as few-old; got ${JSON.stringify(name)}.`,
    );
  }
  const described = { ...scopeOf(rule), ...about };
  return { name, maker, ...described, severity: severity ?? usual, rule, sql: (names) => toSql(rule, names) };
}

/** What a rule looks at: its level, and the columns that it names. */
export function scopeOf(rule: Rule): Pick<Expectation, 'level' | 'column' | 'columns' | 'form'> {
  switch (rule.over) {
    case 'cell': {
      const { column, where } = rule;
      return where === undefined
        ? { level: 'column', column }
        : { level: 'row', column, columns: [column, ...(where.columns ?? [])] };
    }
    case 'row':
      return { level: 'row', ...columnsOf(rule) };
    case 'key': {
      const [column, ...more] = rule.columns;
      if (column === undefined || more.length > 0) return { level: 'row', form: 'key', columns: rule.columns };
      return { level: 'column', form: 'key', column };
    }
    case 'table':
      return { level: 'distribution', ...scopeOfTable(rule) };
    case 'header':
      // It reads no cell, so none is loaded for it.
      return { level: 'table', columns: [] };
    case 'sql':
      return { level: rule.of, ...columnsOf(rule) };
    default:
      return rule satisfies never;
  }
}

function columnsOf(rule: Rule): Pick<Expectation, 'columns'> {
  const columns = maybeColumnsOf(rule);
  return columns === undefined ? {} : { columns };
}

function scopeOfTable(rule: TableRule): Pick<Expectation, 'column' | 'columns'> {
  if (!('column' in rule)) return columnsOf(rule);
  return { column: rule.column, ...('other' in rule ? { columns: [rule.other] } : {}) };
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

/** The bounds that are given, without other options. */
export function boundsOf({ min, max }: { readonly min?: number; readonly max?: number }): Bounds {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

export function invalid(message: string): ContractError {
  return new ContractError('expectation_invalid', message);
}
