import type { CellValue, ColumnKind, Expectation, SqlNames } from '../contract.ts';
import { inSet, matchesPattern, notInSet, notNull, unique, uniqueTogether } from '../expectations/index.ts';
import { maybeConstantSql } from '../kinds/cell-value.ts';
import { constantsSql } from '../rules/table-sql.ts';
import { literal } from '../sql.ts';
import type { MetricRule } from './read-rule.ts';
import { maybeWholePattern } from './whole-pattern.ts';

/** What a rule is about: one of the columns, or all of them. */
export interface RuleTarget {
  /** Path of the rule in its document. */
  readonly path: string;
  readonly column?: string;
  /** Kinds of all columns. */
  readonly kinds: ReadonlyMap<string, ColumnKind>;
  /** Names that SQL may use for the table. */
  readonly tables: readonly string[];
  /** Names that SQL may use for columns in addition to their own. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** A column and its kind, by which values are compared. */
type Target = { readonly name: string; readonly kind: ColumnKind };

export const NEEDS_COLUMN = 'it must belong to a column';

/**
 * The expectations for a metric, or why there are none. When the count must be zero, each counted row is a violation;
 * otherwise the count of the whole file is compared.
 */
export function metricExpectations(rule: MetricRule, { column, kinds }: RuleTarget): readonly Expectation[] | string {
  if (rule.metric === 'rowCount') return rowCount(rule);
  if (rule.metric === 'duplicateValues') return duplicates(rule, { column, kinds });
  if (rule.given.properties) return `the check counts ${rule.metric} of one column`;
  const kind = column === undefined ? undefined : kinds.get(column);
  if (column === undefined || kind === undefined) return NEEDS_COLUMN;
  switch (rule.metric) {
    case 'nullValues':
      return nulls(rule, column);
    case 'missingValues':
      return missing(rule, { name: column, kind });
    case 'invalidValues':
      return invalidValues(rule, { name: column, kind });
    default:
      return rule.metric satisfies never;
  }
}

function rowCount(rule: MetricRule): readonly Expectation[] | string {
  if (rule.isPercent) return 'a number of rows is not a share of them';
  return [counted(rule, { columns: [], words: 'rows', count: () => 'count(*)' })];
}

function nulls(rule: MetricRule, column: string): readonly Expectation[] {
  if (rule.comparison.isNone) return [notNull(column, { severity: rule.severity })];
  const count = ({ typed }: SqlNames): string => `count(*) - count(${typed(column)})`;
  return [counted(rule, { column, words: `empty cells in ${column}`, count })];
}

/** An empty cell always counts as missing. */
function missing(rule: MetricRule, { name, kind }: Target): readonly Expectation[] {
  const texts = (rule.given.missingValues ?? []).filter((value): value is CellValue => value !== null && value !== '');
  const { comparison, severity } = rule;
  if (comparison.isNone) {
    return [notNull(name, { severity }), ...(texts.length === 0 ? [] : [notInSet(name, { values: texts, severity })])];
  }
  // A text that no cell of the kind can be is null in a column of that kind.
  const values = texts.filter((value) => maybeConstantSql(kind, value) !== undefined);
  return [
    counted(rule, {
      column: name,
      words: `missing values in ${name}`,
      count: (names) => {
        const value = names.typed(name);
        const isNamed =
          values.length === 0 ? '' : ` or ${value} in (${constantsSql(names, { column: name, values }).join(', ')})`;
        return `count(*) filter (where ${value} is null${isNamed})`;
      },
    }),
  ];
}

/** An empty cell is not invalid: `required` and the other metrics decide whether it is allowed. */
function invalidValues(rule: MetricRule, { name, kind }: Target): readonly Expectation[] | string {
  const { comparison, severity } = rule;
  const { validValues, pattern } = rule.given;
  if (!validValues && !pattern) return 'it has neither validValues nor a pattern';
  const values = validValues?.filter(
    (value): value is CellValue => value !== null && maybeConstantSql(kind, value) !== undefined,
  );
  if (values?.length === 0) return `no cell of ${name} can hold one of its validValues`;
  const whole = pattern ? maybeWholePattern(pattern) : undefined;
  if (pattern && whole === undefined) return patternReason(pattern);
  if (comparison.isNone) {
    return [
      ...(values === undefined ? [] : [inSet(name, { values, severity })]),
      ...(whole === undefined ? [] : [matchesPattern(name, { pattern: whole, severity })]),
    ];
  }
  if (whole !== undefined && kind !== 'text' && kind !== 'category')
    return 'only of texts are those counted that match a pattern';
  return [
    counted(rule, {
      column: name,
      words: `invalid values in ${name}`,
      count: (names) => {
        const value = names.typed(name);
        const conditions = [
          ...(values === undefined
            ? []
            : [`${value} not in (${constantsSql(names, { column: name, values }).join(', ')})`]),
          ...(whole === undefined ? [] : [`not regexp_full_match(${value}, ${literal(whole)})`]),
        ];
        return `count(*) filter (where ${conditions.join(' or ')})`;
      },
    }),
  ];
}

export const patternReason = (pattern: string): string =>
  `the pattern ${pattern} is none that can be matched in linear time`;

/** Of equal values the first is not counted. */
function duplicates(
  rule: MetricRule,
  { column, kinds }: { readonly column: string | undefined; readonly kinds: RuleTarget['kinds'] },
): readonly Expectation[] | string {
  const named = rule.given.properties ?? (column === undefined ? [] : [column]);
  const unknown = named.find((name) => !kinds.has(name));
  if (unknown !== undefined) return `it names the column "${unknown}", which the schema does not have`;
  const [first, ...more] = [...new Set(named)];
  if (first === undefined) return 'it names no columns in arguments.properties';
  if (more.length === 0) return [repeated(rule, first)];
  const all = [first, ...more];
  if (rule.comparison.isNone) return [uniqueTogether(all, { severity: rule.severity })];
  return [
    counted(rule, {
      columns: all,
      words: `repeated combinations of ${all.join(' and ')}`,
      count: ({ typed }) => {
        const filled = `filter (where ${all.map((name) => `${typed(name)} is not null`).join(' and ')})`;
        return `count(*) ${filled} - count(distinct row(${all.map(typed).join(', ')})) ${filled}`;
      },
    }),
  ];
}

function repeated(rule: MetricRule, column: string): Expectation {
  if (rule.comparison.isNone) return unique(column, { severity: rule.severity });
  const count = ({ typed }: SqlNames): string => `count(${typed(column)}) - count(distinct ${typed(column)})`;
  return counted(rule, { column, words: `repeated values in ${column}`, count });
}

/** An expectation that a count, or its share of the rows, meets the rule. */
function counted(
  { metric, comparison, isPercent, severity }: MetricRule,
  about: {
    readonly column?: string;
    readonly columns?: readonly string[];
    readonly words: string;
    readonly count: (names: SqlNames) => string;
  },
): Expectation {
  const { words, count, ...named } = about;
  const isOfRows = metric === 'rowCount';
  const maker = metric.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return {
    name: maker,
    maker,
    severity,
    level: isOfRows ? 'table' : 'distribution',
    category: isOfRows ? 'schema' : 'distribution',
    ...named,
    sentence: `the ${isPercent ? 'percentage' : 'number'} of ${words} is ${comparison.words}`,
    sql: (names) => {
      const found = isPercent ? `100.0 * (${count(names)}) / nullif(count(*), 0)` : `(${count(names)})`;
      return `select coalesce(${comparison.sql(found)}, true) as ok, ${found} as observed from ${names.table}`;
    },
  };
}
