import type { CellValue, Expectation, Severity } from '../contract.ts';
import { embeddedSql } from '../embedded-sql.ts';
import { ContractError } from '../errors.ts';
import { maybeColumnsOf, needsOf } from '../rules/needs.ts';
import type { Condition, Rule, TableRule } from '../rules/rule.ts';
import { toSql } from '../rules/to-sql.ts';

/** What even the expectations take whose name is their first argument. */
export interface SeverityOption {
  /**
   * What it means when it is not met: `fail` makes the rows bad, `warn` only reports it. `fail` unless set, and `warn` for
   * most expectations of a column as a whole, such as its mean, its order and its shares.
   */
  readonly severity?: Severity;
}

/** Which rows are asked. */
export interface WhereOption {
  /**
   * Only rows where this holds are asked; all unless set. SQL over the typed columns, or an expectation of cells or rows,
   * which holds where the cells that it reads are there and meet it. Example: `"class = '1st'"`,
   * `inSet('class', { values: ['1st'] })`.
   */
  readonly where?: string | Expectation;
}

/** How many rows may break a rule. */
export interface ToleranceOption {
  /**
   * Share of the file's readable rows that must meet it, above 0 and below 1; all unless set. While so many do, the other
   * rows are counted, and neither bad nor warned of; where fewer do, all of the other rows violate it. Example: `0.95`.
   */
  readonly atLeast?: number;
}

/** The options of expectations of cells and rows. */
export interface RowsOptions extends ExpectationOptions, ToleranceOption {}

/** The options of every expectation. */
export interface ExpectationOptions extends SeverityOption, WhereOption {
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
  { name = maker, severity, where, atLeast }: RowsOptions,
  { rule: everywhere, severity: usual = 'fail', sentence, ...about }: About,
): Expectation {
  if (name !== maker && !/^[a-z][a-z0-9-]*$/.test(name)) {
    throw invalid(
      `${maker} expects a name of small letters, digits and dashes, such as few-old; got ${JSON.stringify(name)}.`,
    );
  }
  const rule = askedWhere(maker, { rule: everywhere, where });
  assertTolerance(maker, { rule, atLeast });
  const words = [
    ...(where === undefined ? [] : [typeof where === 'string' ? ` where ${where}` : ` where ${where.sentence}`]),
    ...(atLeast === undefined ? [] : [` in at least ${percentOf(atLeast)} of the rows`]),
  ];
  return {
    ...{ name, maker, ...scopeOf(rule), ...about, severity: severity ?? usual },
    ...(atLeast === undefined ? {} : { atLeast }),
    sentence: `${sentence}${words.join('')}`,
    rule,
    sql: (names) => toSql(rule, names),
  };
}

/** The rule, asked only of the rows that the option names. */
function askedWhere(
  maker: string,
  { rule, where }: { readonly rule: Rule; readonly where: WhereOption['where'] },
): Rule {
  if (where === undefined) return rule;
  if (rule.over === 'header' || (rule.over === 'sql' && rule.of === 'table')) {
    throw invalid(`${maker} expects no where, as it is not about rows; got one. Leave it out.`);
  }
  if (rule.where !== undefined) throw invalid(`${maker} expects one condition; got where beside its own. Join them.`);
  return { ...rule, where: conditionOf(maker, where) };
}

function conditionOf(maker: string, where: string | Expectation): Condition {
  if (typeof where === 'string') return { sql: embeddedSql(`${maker} expects in where`, where) };
  const { rule, atLeast } = where;
  if (rule?.over === 'row' && rule.test === 'function') {
    throw invalid(
      `${maker} expects in where what data can say; got the function "${where.name}". Ask within a function, or in SQL.`,
    );
  }
  if (atLeast === undefined && (rule?.over === 'cell' || rule?.over === 'row') && rule.where === undefined) {
    const { where: _, ...condition } = rule;
    return condition;
  }
  if (rule?.over === 'sql' && rule.of === 'row' && rule.where === undefined) {
    return { sql: rule.holds, ...(rule.columns === undefined ? {} : { columns: rule.columns }) };
  }
  throw invalid(
    `${maker} expects in where SQL, or an expectation of cells or rows without where and atLeast; got "${where.name}".`,
  );
}

function assertTolerance(
  maker: string,
  { rule, atLeast }: { readonly rule: Rule; readonly atLeast: number | undefined },
): void {
  if (atLeast === undefined) return;
  if (!(atLeast > 0 && atLeast < 1)) {
    throw invalid(
      `${maker} expects atLeast to be a share above 0 and below 1; got ${atLeast}. Leave it out for all rows.`,
    );
  }
  if (rule.over === 'table' || rule.over === 'header' || (rule.over === 'sql' && rule.of === 'table')) {
    throw invalid(`${maker} expects no atLeast, as it is not about single rows; got ${atLeast}. Leave it out.`);
  }
}

/** A share as a percentage, without the digits that computing adds. */
export function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(12))} %`;
}

/** What a rule looks at: its level, and the columns that it names. */
export function scopeOf(rule: Rule): Pick<Expectation, 'level' | 'column' | 'columns' | 'form'> {
  switch (rule.over) {
    case 'cell': {
      const { column, where } = rule;
      if (where === undefined) return { level: 'column', column };
      const { columns } = needsOf(rule, () => 'text');
      return { level: 'row', column, columns };
    }
    case 'row':
      return { level: 'row', ...columnsOf(rule) };
    case 'key': {
      const [column, ...more] = rule.columns;
      const { columns } = needsOf(rule, () => 'text');
      if (column === undefined || more.length > 0) return { level: 'row', form: 'key', columns };
      return { level: 'column', form: 'key', column, ...(rule.where === undefined ? {} : { columns }) };
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
  const others = needsOf(rule, () => 'text').columns.filter((name) => name !== rule.column);
  return { column: rule.column, ...(others.length === 0 ? {} : { columns: others }) };
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
