import type { CellValue, ColumnKind, Contract, Expectation } from '../contract.ts';
import { maybeJsonValue } from '../kinds/cell-value.ts';
import { isDecimal } from '../kinds/decimal.ts';
import { definitionOf } from '../kinds/kinds.ts';
import { cellsRead } from '../rules/cells-read.ts';
import { isMissing, shown } from '../rules/check-cell.ts';
import { needsOf } from '../rules/needs.ts';
import type { KindOf, Row } from '../rules/row.ts';
import type { Rule } from '../rules/rule.ts';
import { type IsViolated, maybeRowKey, maybeRowTest } from '../rules/to-row-test.ts';
import { maybeFunctionTest } from './function-test.ts';

/** The cells of a row in JSON, each of which its column can hold. */
type Fields = Readonly<Record<string, unknown>>;

/** What a row does not meet. */
export interface UnmetRule {
  /** The column it is about, or the first of them. */
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** An expectation as rows in JSON are asked about it: plain data, which a browser is given too. */
export type JsonRule = Pick<Expectation, 'sentence'> & { readonly rule: Rule };

/** What of a column rules need to know. */
type RuleColumns = Readonly<Record<string, { readonly kind: ColumnKind; readonly optional?: boolean | undefined }>>;

/**
 * The expectations of cells, rows and keys that rows in JSON are asked about: those that make rows bad, that TypeScript
 * decides, and that mean the same of JSON: the text of a number or of a truth is what a file has and JSON has not.
 */
export function jsonRulesOf(contract: Contract): readonly JsonRule[] {
  const kindOf = kindsOf(contract.columns);
  return contract.expectations.flatMap(({ rule, severity, atLeast, sentence }) => {
    if (rule === undefined || severity !== 'fail' || atLeast !== undefined) return [];
    if (!isSaidByJson(rule, kindOf)) return [];
    return maybeViolated(rule, kindOf) === undefined ? [] : [{ rule, sentence }];
  });
}

/** Finds the rules that a row does not meet, as a check of a file with this row would; keys go on over the rows given. */
export function startRowRules(
  columns: RuleColumns,
  rules: readonly JsonRule[],
): (fields: Fields) => readonly UnmetRule[] {
  const kindOf = kindsOf(columns);
  const asked = rules.flatMap(({ rule, sentence }) => {
    const isViolated = maybeViolated(rule, kindOf);
    return isViolated === undefined ? [] : [{ columns: needsOf(rule, kindOf).columns, isViolated, sentence }];
  });
  return unmetOf(columns, asked);
}

/** The same of all expectations of a contract that rows in JSON are asked about, functions too. */
export function startContractRules(contract: Contract): (fields: Fields) => readonly UnmetRule[] {
  const ofData = startRowRules(contract.columns, jsonRulesOf(contract));
  const kindOf = kindsOf(contract.columns);
  const functions = contract.expectations.flatMap((expectation) => {
    const { rule, severity, atLeast, sentence } = expectation;
    const isViolated = maybeFunctionTest(expectation, kindOf);
    if (isViolated === undefined || rule === undefined || severity !== 'fail' || atLeast !== undefined) return [];
    if (!isSaidByJson(rule, kindOf)) return [];
    return [{ columns: needsOf(rule, kindOf).columns, isViolated, sentence }];
  });
  const ofFunctions = unmetOf(contract.columns, functions);
  return functions.length === 0 ? ofData : (fields) => [...ofData(fields), ...ofFunctions(fields)];
}

interface AskedRule extends Pick<Expectation, 'sentence'> {
  readonly columns: readonly string[];
  readonly isViolated: IsViolated;
}

function unmetOf(columns: RuleColumns, asked: readonly AskedRule[]): (fields: Fields) => readonly UnmetRule[] {
  if (asked.length === 0) return () => [];
  const kindOf = kindsOf(columns);
  return (fields) => {
    const row = rowOf(fields, kindOf);
    return asked.flatMap(({ columns: named, isViolated, sentence }) => {
      // Of a column that a file may lack nothing is asked where it is not.
      const isLacking = named.some((name) => columns[name]?.optional === true && !Object.hasOwn(fields, name));
      const failure = isLacking ? undefined : maybeFailure(isViolated, row);
      if (failure === undefined) return [];
      return [{ field: named[0] ?? '', expected: sentence, got: `${valuesOf(named, fields)}${failure}` }];
    });
  };
}

/** What is said of a row that violates a rule beside its values; undefined of one that does not. */
function maybeFailure(isViolated: IsViolated, row: Row): string | undefined {
  try {
    return isViolated(row) ? '' : undefined;
  } catch (error) {
    // Only functions of projects throw.
    return `, for which it cannot be computed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function kindsOf(columns: RuleColumns): KindOf {
  return (column) => columns[column]?.kind ?? 'text';
}

function maybeViolated(rule: Rule, kindOf: KindOf): IsViolated | undefined {
  if (rule.over !== 'key') return maybeRowTest(rule, kindOf);
  const keyOf = maybeRowKey(rule, kindOf);
  if (keyOf === undefined) return undefined;
  const seen = new Set<string>();
  return (row) => {
    const key = keyOf(row);
    if (key === undefined) return false;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  };
}

/** Whether a rule asks how only such cells are written as JSON has as texts. */
function isSaidByJson(rule: Rule, kindOf: KindOf): boolean {
  return spellingsAskedBy(rule).every((column) => {
    return definitionOf(kindOf(column)).json === 'string' && !isDecimal(kindOf(column));
  });
}

/** Columns of which a rule asks how a cell is written, and not only whether something is, or which value. */
function spellingsAskedBy(rule: Rule): readonly string[] {
  const where = 'where' in rule ? rule.where : undefined;
  const tests = [rule, ...(where === undefined || 'sql' in where ? [] : [where])];
  return tests.flatMap((test) => {
    if (test.over !== 'cell' && test.over !== 'row') return [];
    // A number in JSON is none of the texts that no number can be.
    return ['present', 'absent', 'filled', 'set'].includes(test.test) ? [] : cellsRead(test).texts;
  });
}

function rowOf(fields: Fields, kindOf: KindOf): Row {
  const cellOf = (column: string): CellValue | null => {
    const value = Object.hasOwn(fields, column) ? fields[column] : undefined;
    // Each field was found to be a cell of its column.
    return isMissing(value) ? null : (value as CellValue);
  };
  return {
    text: (column) => {
      const value = cellOf(column);
      return value === null ? null : String(value);
    },
    value: (column) => {
      const value = cellOf(column);
      return value === null ? null : (maybeJsonValue(kindOf(column), value) ?? null);
    },
  };
}

function valuesOf(columns: readonly string[], fields: Fields): string {
  const [only = ''] = columns;
  if (columns.length === 1) return shown(fields[only]);
  return columns.map((column) => `${column} ${shown(fields[column])}`).join(', ');
}
