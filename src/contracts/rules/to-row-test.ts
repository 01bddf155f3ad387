import type { CellValue } from '../cell.ts';
import { type Comparable, comparableOf, familyOf, isBefore } from '../kinds/comparable.ts';
import { cellsThere } from './cells-read.ts';
import { maybeDecimal, maybeSum, SUM_DECIMALS, toDouble } from './decimal-digits.ts';
import type { KindOf, Row } from './row.ts';
import type { Condition, KeyRule, RowTest, Rule, RuleCondition } from './rule.ts';
import { maybeCellTest } from './to-cell-test.ts';

/** Whether a row violates a rule. */
export type IsViolated = (row: Row) => boolean;

type TestOf<Name extends RowTest['test']> = Extract<RowTest, { readonly test: Name }>;

/**
 * A rule of cells or rows in TypeScript, which says of each row what the rule's SQL says; undefined where only a database
 * can decide it, or where it is no rule of single rows.
 */
export function maybeRowTest(rule: Rule, kindOf: KindOf): IsViolated | undefined {
  switch (rule.over) {
    case 'cell':
    case 'row': {
      const [isViolated, isAsked] = [maybeTest(rule, kindOf), maybeCondition(rule.where, kindOf)];
      if (isAsked === EVERYWHERE || isViolated === undefined) return isViolated;
      return isAsked && ((row) => isAsked(row) && isViolated(row));
    }
    case 'key':
    case 'table':
    case 'header':
    case 'sql':
      return undefined;
    default:
      return rule satisfies never;
  }
}

function maybeTest(rule: RuleCondition, kindOf: KindOf): IsViolated | undefined {
  if (rule.over === 'row') return maybeColumnsTest(rule, kindOf);
  const { column } = rule;
  const isMet = maybeCellTest(rule, kindOf(column));
  return isMet && ((row) => !isMet(row.text(column), row.value(column)));
}

const EVERYWHERE = (): boolean => true;

/** Whether the condition holds in a row; undefined where only a database can decide it. */
export function maybeCondition(where: Condition | undefined, kindOf: KindOf): ((row: Row) => boolean) | undefined {
  if (where === undefined) return EVERYWHERE;
  const isViolated = 'sql' in where ? undefined : maybeTest(where, kindOf);
  if ('sql' in where || isViolated === undefined) return undefined;
  const { texts, values } = cellsThere(where);
  return (row) =>
    texts.every((column) => row.text(column) !== null) &&
    values.every((column) => row.value(column) !== null) &&
    !isViolated(row);
}

function maybeColumnsTest(rule: RowTest, kindOf: KindOf): IsViolated | undefined {
  switch (rule.test) {
    case 'less':
      return areComparable([rule.column, rule.other], kindOf) ? lessTest(rule, kindOf) : undefined;
    case 'equal':
      return areComparable([rule.column, rule.other], kindOf) ? equalTest(rule, kindOf) : undefined;
    case 'filled': {
      const { columns, min, max = columns.length } = rule;
      return (row) => {
        const filled = columns.filter((column) => row.text(column) !== null).length;
        return filled < min || filled > max;
      };
    }
    case 'known':
    case 'function':
      // The other dataset, or the function, is not at hand.
      return undefined;
    case 'sum':
      return [rule.total, ...rule.parts].every((column) => familyOf(kindOf(column)) === 'numbers')
        ? sumTest(rule)
        : undefined;
    default:
      return rule satisfies never;
  }
}

function areComparable(columns: readonly string[], kindOf: KindOf): boolean {
  return new Set(columns.map((column) => familyOf(kindOf(column)))).size === 1;
}

function lessTest({ column, other, orEqual = false }: TestOf<'less'>, kindOf: KindOf): IsViolated {
  const read = reader(kindOf);
  return (row) => {
    const [own, least] = [read(row, column), read(row, other)];
    if (own === null || least === null) return false;
    return orEqual ? isBefore(least, own) : !isBefore(own, least);
  };
}

function equalTest({ column, other }: TestOf<'equal'>, kindOf: KindOf): IsViolated {
  const read = reader(kindOf);
  return (row) => read(row, column) !== read(row, other);
}

function reader(kindOf: KindOf): (row: Row, column: string) => Comparable | null {
  return (row, column) => {
    const value = row.value(column);
    return value === null ? null : comparableOf(value, kindOf(column));
  };
}

function sumTest({ total, parts, tolerance }: TestOf<'sum'>): IsViolated {
  const columns = [...parts, total];
  return (row) => {
    const values: number[] = [];
    for (const column of columns) {
      const value = row.value(column);
      if (value === null) return false;
      // What is subtracted last is the total.
      values.push(values.length === parts.length ? -Number(value) : Number(value));
    }
    const decimals = values.map((value) => maybeDecimal(value, SUM_DECIMALS));
    const known = decimals.filter((decimal) => decimal !== undefined);
    if (known.length < decimals.length) return Math.abs(values.reduce((sum, value) => sum + value)) > tolerance;
    const difference = maybeSum(known);
    // More digits than a decimal has are an error of the database, and what cannot be computed is violated.
    return difference === undefined || Math.abs(toDouble(difference, SUM_DECIMALS)) > tolerance;
  };
}

/**
 * The key of a row, equal for rows that have the same one; undefined for a row that lacks a part, or is not asked. No
 * function where only a database can decide which rows are asked.
 */
export function maybeRowKey(
  { columns, where }: KeyRule,
  kindOf: KindOf,
): ((row: Row) => string | undefined) | undefined {
  const read = reader(kindOf);
  const isAsked = maybeCondition(where, kindOf);
  if (isAsked === undefined) return undefined;
  return (row) => {
    if (!isAsked(ofValues(row))) return undefined;
    const parts: Comparable[] = [];
    for (const column of columns) {
      const part = read(row, column);
      if (part === null) return undefined;
      parts.push(part);
    }
    return JSON.stringify(parts, (_, part: CellValue | bigint) => (typeof part === 'bigint' ? String(part) : part));
  };
}

/** As SQL has rows where keys are compared: what has no value has no text. */
function ofValues(row: Row): Row {
  return {
    value: row.value,
    text: (column) => {
      const value = row.value(column);
      return value === null ? null : String(value);
    },
  };
}
