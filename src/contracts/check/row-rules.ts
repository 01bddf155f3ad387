import type { CellValue, Contract, Expectation } from '../contract.ts';
import { maybeJsonValue } from '../kinds/cell-value.ts';
import { isDecimal } from '../kinds/decimal.ts';
import { definitionOf } from '../kinds/kinds.ts';
import { cellsRead } from '../rules/cells-read.ts';
import { isMissing, shown } from '../rules/check-cell.ts';
import { needsOf } from '../rules/needs.ts';
import type { KindOf, Row } from '../rules/row.ts';
import type { Rule } from '../rules/rule.ts';
import { maybeRowKey, maybeRowTest } from '../rules/to-row-test.ts';

/** The cells of a row in JSON, each of which its column can hold. */
type Fields = Readonly<Record<string, unknown>>;

/** What a row does not meet. */
export interface UnmetRule {
  /** The column it is about, or the first of them. */
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * Finds the expectations of cells, rows and keys that a row does not meet, as a check of a file with this row would. Those are
 * asked that make rows bad, that TypeScript decides, and that mean the same of JSON: the text of a number or of a truth is
 * what a file has and JSON has not.
 */
export function rowRulesOf(contract: Contract): (fields: Fields) => readonly UnmetRule[] {
  const kindOf: KindOf = (column) => contract.columns[column]?.kind ?? 'text';
  const rules = contract.expectations.flatMap((expectation) => maybeRule(expectation, kindOf) ?? []);
  if (rules.length === 0) return () => [];
  return (fields) => {
    const row = rowOf(fields, kindOf);
    return rules.flatMap(({ columns, isViolated, sentence }) => {
      // Of a column that a file may lack nothing is asked where it is not.
      const isLacking = columns.some(
        (name) => contract.columns[name]?.optional === true && !Object.hasOwn(fields, name),
      );
      if (isLacking || !isViolated(row)) return [];
      return [{ field: columns[0] ?? '', expected: sentence, got: valuesOf(columns, fields) }];
    });
  };
}

interface JsonRule extends Pick<Expectation, 'sentence'> {
  readonly columns: readonly string[];
  readonly isViolated: (row: Row) => boolean;
}

function maybeRule({ rule, severity, atLeast, sentence }: Expectation, kindOf: KindOf): JsonRule | undefined {
  if (rule === undefined || severity !== 'fail' || atLeast !== undefined) return undefined;
  const { columns } = needsOf(rule, kindOf);
  if (
    spellingsAskedBy(rule).some((column) => definitionOf(kindOf(column)).json !== 'string' || isDecimal(kindOf(column)))
  )
    return undefined;
  if (rule.over !== 'key') {
    const isViolated = maybeRowTest(rule, kindOf);
    return isViolated && { columns, isViolated, sentence };
  }
  const keyOf = maybeRowKey(rule, kindOf);
  if (keyOf === undefined) return undefined;
  const seen = new Set<string>();
  const isRepeated = (row: Row): boolean => {
    const key = keyOf(row);
    if (key === undefined) return false;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  };
  return { columns, isViolated: isRepeated, sentence };
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
