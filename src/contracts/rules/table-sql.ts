import type { CellValue } from '../cell.ts';
import type { NamesThere, SqlNames } from '../contract.ts';
import { DEVIATIONS_SURE } from '../distribution/difference.ts';
import { numberBins, type Reference, unnamedRows } from '../distribution/reference.ts';
import { ContractError } from '../errors.ts';
import type { Dialect } from './dialect.ts';
import type { AggregateTest, ColumnAggregate, TableRule, TableTest } from './rule.ts';

type TestOf<Name extends TableTest['test']> = Extract<TableTest, { readonly test: Name }>;

/** A rule of the table as a SELECT of one row `(ok, observed)`. */
export function tableSql(rule: TableRule, names: SqlNames, dialect: Dialect): string {
  switch (rule.test) {
    case 'aggregate':
      return aggregateSql(rule, names, dialect);
    case 'order':
    case 'steps':
      return stepsSql(rule, names, dialect);
    case 'fresh': {
      const newest = `max(${names.typed(rule.column)})`;
      return `select coalesce(${dialect.isWithinHours(newest, rule.hours)}, false) as ok, ${dialect.asText(newest)} as observed from ${names.table}`;
    }
    case 'rows-there':
      return rowsThereSql(rule, names, dialect);
    case 'contains':
      return containsSql(rule, names, dialect);
    case 'shares':
      return sharesSql(rule, names, dialect);
    case 'near':
      return nearSql(rule, names, dialect);
    case 'divergence':
      return divergenceSql(rule, names, dialect);
    default:
      return rule satisfies never;
  }
}

/** The names of other datasets. */
export function namesThere({ there }: SqlNames): NamesThere {
  if (there !== undefined) return there;
  throw new ContractError('reference_missing', 'Expected the other datasets that the contract names; got none.');
}

/** Counts are compared, and no share is computed, which an empty dataset has not. */
function rowsThereSql({ dataset, min = 0, max }: TestOf<'rows-there'>, names: SqlNames, dialect: Dialect): string {
  const rows = namesThere(names).rows(dataset);
  const bounds = [
    `count(*) >= ${dialect.number(min)} * ${rows}`,
    ...(max === undefined ? [] : [`count(*) <= ${dialect.number(max)} * ${rows}`]),
  ];
  return `select ${bounds.join(' and ')} as ok, count(*) || ' rows, and ' || ${rows} || ' there' as observed from ${names.table}`;
}

/** SQL for values to compare a column with. */
export function constantsSql(
  { constant }: SqlNames,
  { column, values }: { readonly column: string; readonly values: readonly CellValue[] },
): readonly string[] {
  return values.map((value) => {
    const sql = constant(column, value);
    if (sql !== undefined) return sql;
    throw new ContractError(
      'expectation_invalid',
      `Expected values that the column "${column}" can hold by its kind; got ${JSON.stringify(value)}.`,
    );
  });
}

function aggregateSql(rule: AggregateTest, names: SqlNames, dialect: Dialect): string {
  const { min, max } = rule;
  const { value, from } = aggregateOf(rule, names, dialect);
  const holds = [
    ...(min === undefined ? [] : [`${value} >= ${dialect.number(min)}`]),
    ...(max === undefined ? [] : [`${value} <= ${dialect.number(max)}`]),
  ].join(' and ');
  const { by = [] } = rule;
  if (by.length > 0) return groupsSql({ value, holds, by: by.map(names.typed) }, names.table, dialect);
  return `select coalesce(${holds}, true) as ok, ${value} as observed from ${from ?? names.table}`;
}

const GROUPS_NAMED_MAX = 3;

interface Grouped {
  readonly value: string;
  readonly holds: string;
  readonly by: readonly string[];
}

/** No group may break the rule; the first that do are named. */
function groupsSql({ value, holds, by }: Grouped, table: string, dialect: Dialect): string {
  const name = by.map((column) => `coalesce(${dialect.asText(column)}, '(empty)')`).join(` || ' ' || `);
  const groups = `select ${name} as weir_group, ${dialect.asText(value)} as weir_number from ${table} group by ${by.join(', ')} having not coalesce(${holds}, true)`;
  const numbered = `select *, row_number() over (order by weir_group) as weir_at from (${groups}) weir_groups`;
  const words = `case when weir_at <= ${GROUPS_NAMED_MAX} then weir_group || ' ' || weir_number end`;
  const observed = `count(*) || ' groups not: ' || ${dialect.listed(words, 'weir_at')}`;
  return `select count(*) = 0 as ok, ${observed} as observed from (${numbered}) weir_numbered`;
}

/** The number, and the tables that it is of where they are more than the rows. */
function aggregateOf(
  rule: AggregateTest,
  names: SqlNames,
  dialect: Dialect,
): { readonly value: string; readonly from?: string } {
  switch (rule.aggregate) {
    case 'rows':
      return { value: 'count(*)' };
    case 'quantile':
      return { value: dialect.quantile(names.typed(rule.column), rule.quantile) };
    case 'correlation':
      return { value: dialect.correlation(names.typed(rule.column), names.typed(rule.other)) };
    case 'share':
      return { value: shareOf(rule.sql, `count(${rule.sql})`, dialect) };
    case 'outlier-share':
      return outlierShare(names.typed(rule.column), names.table, dialect);
    default:
      return { value: columnAggregate(rule.aggregate, names.typed(rule.column), dialect) };
  }
}

function columnAggregate(
  aggregate: Exclude<ColumnAggregate, 'outlier-share'>,
  value: string,
  dialect: Dialect,
): string {
  switch (aggregate) {
    case 'mean':
      return `avg(${value})`;
    case 'median':
      return dialect.median(value);
    case 'deviation':
      return dialect.deviation(value);
    case 'smallest':
      return `min(${value})`;
    case 'largest':
      return `max(${value})`;
    case 'sum':
      return dialect.asDouble(`sum(${value})`);
    case 'distinct-count':
      return `count(distinct ${value})`;
    case 'distinct-share':
      return `${dialect.asDouble(`count(distinct ${value})`)} / nullif(count(${value}), 0)`;
    case 'null-share':
      return `${dialect.asDouble(`(count(*) - count(${value}))`)} / nullif(count(*), 0)`;
    default:
      return aggregate satisfies never;
  }
}

function shareOf(condition: string, count: string, dialect: Dialect): string {
  return `${dialect.asDouble(`(${dialect.countWhere(condition)})`)} / nullif(${count}, 0)`;
}

function outlierShare(value: string, table: string, dialect: Dialect): { value: string; from: string } {
  // No column name can start like this.
  const [q1, q3] = ['weir_q1', 'weir_q3'];
  const quartiles = `select ${dialect.quantile(value, 0.25)} as ${q1}, ${dialect.quantile(value, 0.75)} as ${q3} from ${table}`;
  const outside = `${value} < ${q1} - 1.5 * (${q3} - ${q1}) or ${value} > ${q3} + 1.5 * (${q3} - ${q1})`;
  return { value: shareOf(outside, `count(${value})`, dialect), from: `${table}, (${quartiles})` };
}

function stepsSql(rule: TestOf<'order' | 'steps'>, { table, typed }: SqlNames, dialect: Dialect): string {
  const value = typed(rule.column);
  const steps = `select ${value} as v, ${dialect.before(value)} as before from ${table} where ${value} is not null`;
  const wrong = dialect.countWhere(rule.test === 'order' ? turnSql(rule) : leapSql(rule, dialect));
  return `select ${wrong} = 0 as ok, ${wrong} || ' times not' as observed from (${steps})`;
}

/** Where the order is broken. */
function turnSql({ direction, strictly = false }: TestOf<'order'>): string {
  const operator = direction === 'up' ? '<' : '>';
  return `v ${operator}${strictly ? '=' : ''} before`;
}

/** Where a step is too short or too long. */
function leapSql({ min, max, unit }: TestOf<'steps'>, dialect: Dialect): string {
  const step = unit === 'hours' ? dialect.hoursBetween('before', 'v') : '(v - before)';
  return [
    ...(min === undefined ? [] : [`${step} < ${dialect.number(min)}`]),
    ...(max === undefined ? [] : [`${step} > ${dialect.number(max)}`]),
  ].join(' or ');
}

function containsSql({ column, values }: TestOf<'contains'>, names: SqlNames, dialect: Dialect): string {
  const value = names.typed(column);
  const constants = constantsSql(names, { column, values });
  const wanted = constants.map((sql, index) => `(${sql}, ${dialect.text(String(values[index]))})`).join(', ');
  return (
    `select count(*) = 0 as ok, 'no ' || ${dialect.listed('weir_name')} as observed ` +
    `from (values ${wanted}) wanted(weir_value, weir_name) ` +
    `where weir_value not in (select ${value} from ${names.table} where ${value} is not null)`
  );
}

function sharesSql({ column, shares, tolerance }: TestOf<'shares'>, names: SqlNames, dialect: Dialect): string {
  const value = names.typed(column);
  const named = Object.entries(shares);
  const constants = constantsSql(names, { column, values: named.map(([name]) => name) });
  const found = named.map(([name, share], index) => {
    const actual = shareOf(`${value} = ${constants[index]}`, `count(${value})`, dialect);
    return { name, actual, holds: `abs(${actual} - ${dialect.number(share)}) <= ${dialect.number(tolerance)}` };
  });
  const observed = found
    .map(({ name, actual }) => `${dialect.text(`${name} `)} || ${dialect.rounded(actual, 4)}`)
    .join(` || ', ' || `);
  return `select coalesce(${found.map(({ holds }) => holds).join(' and ')}, true) as ok, ${observed} as observed from ${names.table}`;
}

/** The rows of the column and of the reference in the same bins. */
function binRowsSql(rule: TestOf<'near' | 'divergence'>, names: SqlNames, dialect: Dialect): string {
  const { bin, known } = binsSql(rule, names, dialect);
  const values = known.map(([name, rows]) => `(${name}, ${dialect.number(rows)})`).join(', ');
  const counted = `select ${bin} as bin, count(*) as n from ${names.table} where ${names.typed(rule.column)} is not null group by bin`;
  return (
    `select bin, coalesce(k.n, 0) as reference, coalesce(c.n, 0) as current ` +
    `from (values ${values}) k(bin, n) full join (${counted}) c using (bin)`
  );
}

function divergenceSql(rule: TestOf<'divergence'>, names: SqlNames, dialect: Dialect): string {
  const { min, max } = rule;
  const holds = [
    ...(min === undefined ? [] : [`divergence >= ${dialect.number(min)}`]),
    ...(max === undefined ? [] : [`divergence <= ${dialect.number(max)}`]),
  ].join(' and ');
  const found = dialect.divergence(`(${binRowsSql(rule, names, dialect)})`, rule.measure);
  return `select coalesce(${holds}, true) as ok, divergence as observed from (${found})`;
}

function nearSql(rule: TestOf<'near'>, names: SqlNames, dialect: Dialect): string {
  const { indexMax } = rule;
  const bins = binRowsSql(rule, names, dialect);
  const isNear = `stability_index <= ${dialect.number(indexMax)} or deviations <= ${DEVIATIONS_SURE}`;
  return `select coalesce(${isNear}, true) as ok, stability_index as observed from (${dialect.difference(`(${bins})`)})`;
}

/** SQL that names the bin of a value, and the reference's rows by that name. */
function binsSql(
  { column, reference }: { readonly column: string; readonly reference: Reference },
  { typed, constant }: SqlNames,
  dialect: Dialect,
): { readonly bin: string; readonly known: readonly (readonly [string, number])[] } {
  const value = typed(column);
  if (reference.kind === 'number') {
    const { uppers, rows } = numberBins(reference);
    const cases = uppers.map((upper, bin) => `when ${value} <= ${dialect.number(upper)} then ${bin}`);
    return {
      bin: `case ${cases.join(' ')} else ${uppers.length} end`,
      known: rows.map((count, bin) => [`${bin}`, count]),
    };
  }
  const { rows, shares } = reference;
  // A value that no cell of the kind can hold stays text, and matches no row.
  const named = Object.entries(shares).map(
    ([name, share]) => [dialect.asText(constant(column, name) ?? dialect.text(name)), share * rows] as const,
  );
  const unnamed = unnamedRows(reference);
  const text = dialect.asText(value);
  if (unnamed === 0) return { bin: text, known: named };
  // No cell is an empty text.
  const names = named.map(([name]) => name).join(', ');
  return { bin: `case when ${text} in (${names}) then ${text} else '' end`, known: [...named, [`''`, unnamed]] };
}
