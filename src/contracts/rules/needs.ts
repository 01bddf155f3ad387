import { familyOf } from '../kinds/comparable.ts';
import { type CellsRead, cellsRead } from './cells-read.ts';
import type { KindOf } from './row.ts';
import type { Asked, Rule, TableRule } from './rule.ts';
import { maybeCondition, maybeRowKey, maybeRowTest } from './to-row-test.ts';

/** What can be counted of a column while its rows pass by. */
export type Counter =
  /** Rows of the file. */
  | 'rows'
  /** Cells with a value. */
  | 'values'
  | 'sum'
  | 'min'
  | 'max'
  /** Different values. */
  | 'distinct'
  /** Rows by value. */
  | 'categories'
  /** Rows of another dataset. */
  | 'there';

/** What a rule reads, and what can decide it. */
export interface RuleNeeds {
  /** Columns that it names, in its order. */
  readonly columns: readonly string[];
  /** Those of which the text is read. */
  readonly texts: readonly string[];
  /** Those of which the value is read. */
  readonly values: readonly string[];
  /** It holds SQL that may read any column. */
  readonly readsAny: boolean;
  /**
   * The least that can decide it: each row by itself (`maybeRowTest`), the rows of equal keys (`maybeRowKey`), counters
   * (`answerByCounters`), the names of the columns, or a database (`toSql`).
   */
  readonly decidedBy: 'row' | 'key' | 'counters' | 'header' | 'sql';
  /** For `counters`: which of the column. */
  readonly counters: readonly Counter[];
}

const NOTHING = { texts: [], values: [], readsAny: false, counters: [] } as const;

/** What a rule needs, in a contract whose columns have these kinds. */
export function needsOf(rule: Rule, kindOf: KindOf): RuleNeeds {
  switch (rule.over) {
    case 'cell':
    case 'row': {
      const read = cellsRead(rule);
      const isFunction = rule.test === 'function' && maybeCondition(rule.where, kindOf) !== undefined;
      const decidedBy = isFunction || maybeRowTest(rule, kindOf) !== undefined ? 'row' : 'sql';
      return withCondition(rule, { ...NOTHING, ...read, columns: [...read.texts, ...read.values], decidedBy });
    }
    case 'key': {
      const { columns } = rule;
      const decidedBy = maybeRowKey(rule, kindOf) === undefined ? 'sql' : 'key';
      return withCondition(rule, { ...NOTHING, columns, values: columns, decidedBy });
    }
    case 'table':
      return withCondition(rule, ofTable(rule, kindOf));
    case 'header':
      return { ...NOTHING, columns: [], decidedBy: 'header' };
    case 'sql': {
      const { columns } = rule;
      const own = { ...NOTHING, ...ofSql(columns), decidedBy: 'sql' } as const;
      return rule.of === 'row' ? withCondition(rule, own) : own;
    }
    default:
      return rule satisfies never;
  }
}

function ofSql(columns: readonly string[] | undefined): Pick<RuleNeeds, 'columns' | 'values' | 'readsAny'> {
  return { columns: columns ?? [], values: columns ?? [], readsAny: columns === undefined };
}

/** With what the condition reads. */
function withCondition({ where }: Asked, own: RuleNeeds): RuleNeeds {
  if (where === undefined) return { ...own, columns: distinct(own.columns) };
  const read: CellsRead & { readonly readsAny: boolean } =
    'sql' in where ? { ...ofSql(where.columns), texts: [] } : { ...cellsRead(where), readsAny: false };
  return {
    ...own,
    columns: distinct([...own.columns, ...read.texts, ...read.values]),
    texts: distinct([...own.texts, ...read.texts]),
    values: distinct([...own.values, ...read.values]),
    readsAny: own.readsAny || read.readsAny,
    // Counters are of all rows.
    ...(own.decidedBy === 'counters' ? { decidedBy: 'sql', counters: [] } : {}),
  };
}

/** Columns that a rule names; undefined for SQL that may read any. */
export function maybeColumnsOf(rule: Rule): readonly string[] | undefined {
  // Which columns are named does not depend on their kinds.
  const { columns, readsAny } = needsOf(rule, () => 'text');
  return readsAny ? undefined : columns;
}

function ofTable(rule: TableRule, kindOf: KindOf): RuleNeeds {
  if (rule.test === 'aggregate' && rule.aggregate === 'share') {
    return { ...NOTHING, ...ofSql(rule.columns), decidedBy: 'sql' };
  }
  const by = rule.test === 'aggregate' ? (rule.by ?? []) : [];
  const columns = [...columnsOfTable(rule), ...by];
  const counters = by.length === 0 ? countersOf(rule, kindOf) : [];
  return {
    ...NOTHING,
    columns,
    values: columns,
    counters,
    decidedBy: counters.length === 0 ? 'sql' : 'counters',
  };
}

function columnsOfTable(rule: TableRule): readonly string[] {
  if (rule.test === 'rows-there') return [];
  if (rule.test !== 'aggregate') return [rule.column];
  if (rule.aggregate === 'rows' || rule.aggregate === 'share') return [];
  return rule.aggregate === 'correlation' ? [rule.column, rule.other] : [rule.column];
}

/** The counters that decide a rule; none where it takes a database. */
function countersOf(rule: TableRule, kindOf: KindOf): readonly Counter[] {
  const isCounted = (column: string): boolean => kindOf(column) === 'category';
  const isNumber = (column: string): boolean => familyOf(kindOf(column)) === 'numbers';
  switch (rule.test) {
    case 'contains':
    case 'shares':
      return isCounted(rule.column) ? ['categories'] : [];
    case 'rows-there':
      return ['rows', 'there'];
    case 'near':
    case 'divergence':
      return isCounted(rule.column) && rule.reference.kind === 'category' ? ['categories'] : [];
    case 'order':
    case 'steps':
    case 'fresh':
      return [];
    case 'aggregate':
      break;
    default:
      return rule satisfies never;
  }
  switch (rule.aggregate) {
    case 'rows':
      return ['rows'];
    case 'null-share':
      return ['rows', 'values'];
    case 'distinct-count':
      return ['distinct'];
    case 'distinct-share':
      return ['distinct', 'values'];
    case 'mean':
      return isNumber(rule.column) ? ['sum', 'values'] : [];
    case 'sum':
      return isNumber(rule.column) ? ['sum', 'values'] : [];
    case 'smallest':
      return isNumber(rule.column) ? ['min'] : [];
    case 'largest':
      return isNumber(rule.column) ? ['max'] : [];
    case 'median':
    case 'deviation':
    case 'outlier-share':
    case 'quantile':
    case 'correlation':
    case 'share':
      return [];
    default:
      return rule satisfies never;
  }
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
