import type { Column, Contract, Expectation } from '../contract.ts';
import { expectationOf } from '../expectations/expectation-options.ts';
import {
  alwaysNull,
  inRange,
  inSet,
  lengthBetween,
  matchesPattern,
  notNull,
  ofType,
  unique,
  valueBetween,
} from '../expectations/index.ts';
import { isOrdered } from '../kinds/text-bounds.ts';
import { nestedColumn } from '../rules/cell-limits.ts';
import { expectedOf } from '../rules/check-cell.ts';

/** All expectations that a contract's columns imply for the rows of a file with these columns. */
export function impliedExpectations(contract: Contract, present: (column: string) => boolean): readonly Expectation[] {
  return Object.entries(contract.columns).flatMap(([name, column]) => (present(name) ? impliedBy(name, column) : []));
}

/** What a column's declaration implies, in the order that reports list it. */
export function impliedBy(name: string, column: Column): readonly Expectation[] {
  const { severity, kind } = column;
  if (column.alwaysNull === true) return [alwaysNull(name, { severity })];
  const expectations: Expectation[] = [];
  if (!column.nullable) expectations.push(notNull(name, { severity }));
  if (kind !== 'text' && kind !== 'category') expectations.push(ofType(name, { kind, severity }));
  if (kind === 'number' || kind === 'integer') {
    const { min, max } = column;
    const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    if (min !== undefined || max !== undefined) expectations.push(inRange(name, { ...bounds, severity }));
  }
  if (isOrdered(column)) {
    const { min, max } = column;
    const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    if (min !== undefined || max !== undefined) expectations.push(valueBetween(name, { ...bounds, severity }));
  }
  if (kind === 'list' || kind === 'struct') {
    const about = { category: 'format', sentence: `${name} is ${expectedOf({ ...column, nullable: false })}` } as const;
    const rule = { over: 'cell', column: name, test: 'nested', of: nestedColumn(column) } as const;
    expectations.push(expectationOf('of-parts', { severity }, { ...about, rule }));
  }
  if (kind === 'category') expectations.push(inSet(name, { values: column.categories, severity }));
  if (kind === 'text') {
    const { pattern, lengthMin: min, lengthMax: max } = column;
    const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    if (pattern !== undefined) expectations.push(matchesPattern(name, { pattern, severity }));
    if (min !== undefined || max !== undefined) expectations.push(lengthBetween(name, { ...bounds, severity }));
  }
  if (column.unique) expectations.push(unique(name, { severity }));
  return expectations;
}
