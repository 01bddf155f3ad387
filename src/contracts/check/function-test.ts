import type { Expectation } from '../contract.ts';
import { shown } from '../rules/check-cell.ts';
import type { KindOf, Row } from '../rules/row.ts';
import { type IsViolated, maybeCondition } from '../rules/to-row-test.ts';

/**
 * Whether a row violates an expectation that a function decides; undefined of any other. It throws where the function does, or
 * where that says neither true nor false.
 */
export function maybeFunctionTest({ rule, holds }: Expectation, kindOf: KindOf): IsViolated | undefined {
  if (holds === undefined || rule?.over !== 'row' || rule.test !== 'function') return undefined;
  const { columns, where, isOfCell = false } = rule;
  const isAsked = maybeCondition(where, kindOf);
  if (isAsked === undefined) return undefined;
  return (row: Row) => {
    if (!isAsked(row)) return false;
    const values = columns.map((column) => row.value(column));
    // What is missing in a cell, or is no value of its kind, is another expectation's.
    if (isOfCell && values[0] === null) return false;
    const answer = holds(values);
    if (typeof answer === 'boolean') return !answer;
    const hint = answer instanceof Promise ? '; it must not be async' : '';
    throw new TypeError(`expected true or false of it, got ${shown(answer)}${hint}`);
  };
}
