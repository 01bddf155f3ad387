import type { ColumnKind } from '../cell.ts';
import { type Family, familyOf, isBefore, maybeConstant } from '../kinds/comparable.ts';
import { needsOf } from './needs.ts';
import type { KindOf } from './row.ts';
import type { CellTest, Condition, RowTest, Rule, TableTest } from './rule.ts';
import { maybeCondition } from './to-row-test.ts';

/** What a rule asks of the values of a column. */
interface Asked {
  readonly column: string;
  readonly families: readonly Family[];
  /** "numbers". */
  readonly words: string;
}

const NUMBERS = { families: ['numbers', 'decimals'], words: 'numbers' } as const;
const ORDERED = { families: ['decimals', 'times', 'durations'], words: 'decimals, times or durations' } as const;
const MOMENTS = { families: ['moments'], words: 'dates or timestamps' } as const;

/** Why a rule cannot be met or cannot be asked of columns of these kinds; undefined when it can. */
export function maybeMisfit(rule: Rule, kindOf: KindOf): string | undefined {
  const asked = [
    ...askedBy(rule),
    ...('where' in rule && rule.where !== undefined ? askedByCondition(rule.where) : []),
  ];
  const wrong = asked.find(({ column, families }) => !families.includes(familyOf(kindOf(column))));
  if (wrong === undefined)
    return maybeOddBound(rule, kindOf) ?? maybeUndecidable(rule, kindOf) ?? maybeImpossible(rule);
  return `it needs ${wrong.words} in "${wrong.column}", which is a column of kind ${kindOf(wrong.column) satisfies ColumnKind}`;
}

function askedBy(rule: Rule): readonly Asked[] {
  switch (rule.over) {
    case 'cell':
      return askedByCell(rule);
    case 'row':
      return askedByRow(rule);
    case 'table':
      return askedByTable(rule);
    case 'key':
    case 'header':
    case 'sql':
      return [];
    default:
      return rule satisfies never;
  }
}

function askedByCondition(condition: Condition): readonly Asked[] {
  if ('sql' in condition) return [];
  return condition.over === 'cell' ? askedByCell(condition) : askedByRow(condition);
}

function askedByCell({ test, column }: CellTest & { readonly column: string }): readonly Asked[] {
  if (test === 'range' || test === 'multiple' || test === 'digits') return [{ column, ...NUMBERS }];
  if (test === 'between') return [{ column, ...ORDERED }];
  return test === 'moments' ? [{ column, ...MOMENTS }] : [];
}

function askedByRow(rule: RowTest): readonly Asked[] {
  return rule.test === 'sum' ? [rule.total, ...rule.parts].map((column) => ({ column, ...NUMBERS })) : [];
}

function askedByTable(rule: TableTest): readonly Asked[] {
  switch (rule.test) {
    case 'aggregate':
      break;
    case 'steps':
      return [{ column: rule.column, ...(rule.unit === undefined ? NUMBERS : MOMENTS) }];
    case 'fresh':
      return [{ column: rule.column, ...MOMENTS }];
    case 'near':
    case 'divergence':
      return rule.reference.kind === 'number' ? [{ column: rule.column, ...NUMBERS }] : [];
    case 'order':
    case 'rows-there':
    case 'contains':
    case 'shares':
      return [];
    default:
      return rule satisfies never;
  }
  switch (rule.aggregate) {
    case 'rows':
    case 'share':
    case 'null-share':
    case 'distinct-count':
    case 'distinct-share':
      return [];
    case 'correlation':
      return [rule.column, rule.other].map((column) => ({ column, ...NUMBERS }));
    default:
      return [{ column: rule.column, ...NUMBERS }];
  }
}

/** A bound that no cell of the column can hold. */
function maybeOddBound(rule: Rule, kindOf: KindOf): string | undefined {
  const tests = [rule, ...('where' in rule && rule.where !== undefined && 'over' in rule.where ? [rule.where] : [])];
  for (const test of tests) {
    if (test.over !== 'cell' || test.test !== 'between') continue;
    const kind = kindOf(test.column);
    for (const bound of [test.min, test.max])
      if (bound !== undefined && maybeConstant(kind, bound) === undefined)
        return `its bound ${JSON.stringify(bound)} is no value of "${test.column}", which is a column of kind ${kind}`;
    const [least, most] = [test.min, test.max].map((bound) => bound && maybeConstant(kind, bound));
    if (least !== undefined && most !== undefined && isBefore(most, least))
      return `its bound ${test.min} is more than ${test.max}`;
  }
  return undefined;
}

/** What is tested row by row alone, in a rule that a database decides. */
function maybeUndecidable(rule: Rule, kindOf: KindOf): string | undefined {
  if (rule.over === 'row' && rule.test === 'function') {
    return maybeCondition(rule.where, kindOf) === undefined
      ? 'a function is called for each row, and its condition is one that only a database decides'
      : undefined;
  }
  const own = rule.over === 'cell' ? [rule.test] : [];
  const where = 'where' in rule && rule.where !== undefined && 'over' in rule.where ? [rule.where.test] : [];
  const tests: readonly string[] = [...own, ...where];
  if (!tests.some((test) => test === 'json-schema' || test === 'nested') || needsOf(rule, kindOf).decidedBy === 'row')
    return undefined;
  return 'a JSON schema is tested row by row, and the rule or its condition by a database';
}

/** What no data can meet. */
function maybeImpossible(rule: Rule): string | undefined {
  if (rule.over !== 'table' || rule.test !== 'shares') return undefined;
  const least = Object.values(rule.shares).reduce((sum, share) => sum + Math.max(0, share - rule.tolerance), 0);
  return least > 1 ? `its shares are more than 1 together, even with the tolerance of ${rule.tolerance}` : undefined;
}
