import { familyOf } from '../kinds/comparable.ts';
import type { KindOf } from './row.ts';
import type { CellRule, RowRule, Rule, TableRule } from './rule.ts';
import { maybeRowTest } from './to-row-test.ts';

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
  | 'categories';

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
   * The least that can decide it: each row by itself (`maybeRowTest`), the rows of equal keys (`toRowKey`), counters
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
      const read = rule.over === 'cell' ? readByCell(rule) : readByRow(rule);
      const asked = rule.where === undefined ? [] : (rule.where.columns ?? []);
      return {
        ...NOTHING,
        ...read,
        columns: distinct([...read.texts, ...read.values, ...asked]),
        readsAny: rule.where !== undefined && rule.where.columns === undefined,
        decidedBy: maybeRowTest(rule, kindOf) === undefined ? 'sql' : 'row',
      };
    }
    case 'key':
      return { ...NOTHING, columns: rule.columns, values: rule.columns, decidedBy: 'key' };
    case 'table':
      return ofTable(rule, kindOf);
    case 'header':
      return { ...NOTHING, columns: [], decidedBy: 'header' };
    case 'sql':
      return {
        ...NOTHING,
        columns: rule.columns ?? [],
        values: rule.columns ?? [],
        readsAny: rule.columns === undefined,
        decidedBy: 'sql',
      };
    default:
      return rule satisfies never;
  }
}

/** Columns that a rule names; undefined for SQL that may read any. */
export function maybeColumnsOf(rule: Rule): readonly string[] | undefined {
  // Which columns are named does not depend on their kinds.
  const { columns, readsAny } = needsOf(rule, () => 'text');
  return readsAny ? undefined : columns;
}

type Read = Pick<RuleNeeds, 'texts' | 'values'>;

function readByCell({ column, test }: CellRule): Read {
  switch (test) {
    case 'present':
    case 'absent':
    case 'kind':
    case 'length':
    case 'pattern':
    case 'affix':
    case 'form':
    case 'json':
      return { texts: [column], values: [] };
    case 'range':
    case 'moments':
    case 'multiple':
      return { texts: [], values: [column] };
    case 'set':
      // Among the values that a cell must not hold may be some that none of the kind can.
      return { texts: [column], values: [column] };
    default:
      return test satisfies never;
  }
}

function readByRow(rule: RowRule): Read {
  switch (rule.test) {
    case 'less':
    case 'equal':
      return { texts: [], values: [rule.column, rule.other] };
    case 'filled':
      return { texts: rule.columns, values: [] };
    case 'sum':
      return { texts: [], values: [rule.total, ...rule.parts] };
    default:
      return rule satisfies never;
  }
}

function ofTable(rule: TableRule, kindOf: KindOf): RuleNeeds {
  if (rule.test === 'aggregate' && rule.aggregate === 'share') {
    const { columns } = rule;
    return {
      ...NOTHING,
      columns: columns ?? [],
      values: columns ?? [],
      readsAny: columns === undefined,
      decidedBy: 'sql',
    };
  }
  const columns = columnsOfTable(rule);
  const counters = countersOf(rule, kindOf);
  return {
    ...NOTHING,
    columns,
    values: columns,
    counters,
    decidedBy: counters.length === 0 ? 'sql' : 'counters',
  };
}

function columnsOfTable(rule: TableRule): readonly string[] {
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
    case 'near':
      return isCounted(rule.column) && rule.reference.kind === 'category' ? ['categories'] : [];
    case 'increasing':
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
