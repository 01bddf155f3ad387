import type { CellValue } from '../cell.ts';
import type { SqlNames } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { cellsThere } from './cells-read.ts';
import { decimalsOf } from './decimal-digits.ts';
import type { Dialect } from './dialect.ts';
import { DUCKDB } from './duckdb-dialect.ts';
import { FORMS } from './forms.ts';
import type { Asked, CellTest, Condition, HeaderRule, KeyRule, NumberRange, RowTest, Rule, SqlRule } from './rule.ts';
import { constantsSql, namesThere, tableSql } from './table-sql.ts';

/** Table of the file's and the contract's column names: `name`, `position` in the file, `contract_position`; null where it is not. */
export const HEADER_TABLE = 'weir_header';

/**
 * A rule as SQL. Of cells and rows: a condition that is true where it is violated. Of a key: its value, null where it is not
 * compared. Of the table and the header: a SELECT of one row `(ok, observed)`.
 */
export function toSql(rule: Rule, names: SqlNames, dialect: Dialect = DUCKDB): string {
  switch (rule.over) {
    case 'cell':
      return onlyWhere(rule, cellSql(rule, names, dialect), { names, dialect });
    case 'row':
      return onlyWhere(rule, rowSql(rule, names, dialect), { names, dialect });
    case 'key':
      return keySql(rule, names, dialect);
    case 'table':
      return tableSql(rule, { ...names, table: asked(rule.where, names, dialect) }, dialect);
    case 'header':
      return headerSql(rule, dialect);
    case 'sql':
      return writtenSql(rule, names, dialect);
    default:
      return rule satisfies never;
  }
}

interface Context {
  readonly names: SqlNames;
  readonly dialect: Dialect;
}

function onlyWhere({ where }: Asked, violated: string, { names, dialect }: Context): string {
  return where === undefined ? violated : `(${violated}) and (${conditionSql(where, names, dialect)})`;
}

/** True in rows where the condition holds. */
function conditionSql(condition: Condition, names: SqlNames, dialect: Dialect): string {
  if ('sql' in condition) return condition.sql;
  const violated = condition.over === 'cell' ? cellSql(condition, names, dialect) : rowSql(condition, names, dialect);
  const { texts, values } = cellsThere(condition);
  const there = [...texts.map(names.raw), ...values.map(names.typed)].map((cell) => `${cell} is not null and `);
  return `${there.join('')}not coalesce(${violated}, false)`;
}

/** After the scan only values are left of cells. */
function ofValues(names: SqlNames): SqlNames {
  return { ...names, raw: names.typed };
}

/** The rows that a rule of the table is about. */
function asked(where: Condition | undefined, names: SqlNames, dialect: Dialect): string {
  if (where === undefined) return names.table;
  const condition = conditionSql(where, ofValues(names), dialect);
  return `(select ${dialect.allColumns} from ${names.table} where ${condition}) weir_asked`;
}

function cellSql(rule: CellTest & { readonly column: string }, names: SqlNames, dialect: Dialect): string {
  const { column } = rule;
  const [text, value] = [(): string => names.raw(column), (): string => names.typed(column)];
  switch (rule.test) {
    case 'present':
      return `${text()} is null`;
    case 'absent':
      return `${text()} is not null`;
    case 'kind':
      return `${text()} is not null and ${names.typedAs(column, rule.kind)} is null`;
    case 'range':
      return beyondSql(
        value(),
        // A decimal compares with a decimal; with a double only where the bound has more digits than the column.
        rangeIn(rule, (bound) => names.constant(column, bound) ?? dialect.number(bound)),
      );
    case 'between':
      return beyondSql(
        value(),
        rangeIn(rule, (bound) => constantsSql(names, { column, values: [bound] }).join()),
      );
    case 'moments':
      return beyondSql(
        value(),
        rangeIn(rule, (moment) => constantOf('timestamp', moment, dialect)),
      );
    case 'length':
      return beyondSql(dialect.length(text()), rangeIn(rule, String));
    case 'set':
      return setSql(rule, names, dialect);
    case 'pattern':
      return rule.isNegated === true
        ? dialect.matchesPart(text(), rule.pattern)
        : `not ${dialect.matchesWhole(text(), rule.pattern)}`;
    case 'affix':
      return either([
        ...(rule.prefix === undefined ? [] : [`not ${dialect.startsWith(text(), rule.prefix)}`]),
        ...(rule.suffix === undefined ? [] : [`not ${dialect.endsWith(text(), rule.suffix)}`]),
      ]);
    case 'multiple':
      return dialect.isNoMultiple(value(), { step: rule.step, decimals: decimalsOf(rule.step) });
    case 'digits':
      return dialect.hasMoreDigits(value(), rule);
    case 'form': {
      const { whole, without } = FORMS[rule.form];
      return either([
        ...(whole === undefined ? [] : [`not ${dialect.matchesWhole(text(), whole)}`]),
        ...(without === undefined ? [] : [dialect.matchesPart(text(), without)]),
      ]);
    }
    case 'json':
      return dialect.isNoJson(text());
    case 'nested':
      return dialect.fails(`no database tests the parts of ${column}`);
    case 'json-schema':
      return dialect.fails(`no database tests the JSON schema ${JSON.stringify(rule.schema)}`);
    default:
      return rule satisfies never;
  }
}

/** Bounds as SQL. */
interface Range {
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly excludesMin: boolean;
  readonly excludesMax: boolean;
}

function rangeIn<Bound>(
  {
    min,
    max,
    excludesMin = false,
    excludesMax = false,
  }: Omit<NumberRange, 'min' | 'max'> & { readonly min?: Bound; readonly max?: Bound },
  toBound: (bound: Bound) => string,
): Range {
  return {
    min: min === undefined ? undefined : toBound(min),
    max: max === undefined ? undefined : toBound(max),
    excludesMin,
    excludesMax,
  };
}

function beyondSql(value: string, { min, max, excludesMin, excludesMax }: Range): string {
  return either([
    ...(min === undefined ? [] : [`${value} ${excludesMin ? '<=' : '<'} ${min}`]),
    ...(max === undefined ? [] : [`${value} ${excludesMax ? '>=' : '>'} ${max}`]),
  ]);
}

function constantOf(kind: 'timestamp', value: CellValue, dialect: Dialect): string {
  const sql = dialect.constant(kind, value);
  if (sql !== undefined) return sql;
  throw new ContractError(
    'expectation_invalid',
    `Expected a day or moment in ISO 8601, such as 2026-03-01; got ${JSON.stringify(value)}.`,
  );
}

function setSql(
  rule: Extract<CellTest, { readonly test: 'set' }> & { readonly column: string },
  names: SqlNames,
  dialect: Dialect,
): string {
  const { column, values, isNegated = false } = rule;
  if (!isNegated) return `${names.typed(column)} not in (${constantsSql(names, { column, values }).join(', ')})`;
  const constants = values.map((value) => names.constant(column, value)).filter((sql) => sql !== undefined);
  const others = values.filter((value) => names.constant(column, value) === undefined);
  return either([
    ...(constants.length === 0 ? [] : [`${names.typed(column)} in (${constants.join(', ')})`]),
    ...(others.length === 0
      ? []
      : [`${names.raw(column)} in (${others.map((value) => dialect.text(String(value))).join(', ')})`]),
  ]);
}

function rowSql(rule: RowTest, names: SqlNames, dialect: Dialect): string {
  const { typed, raw } = names;
  switch (rule.test) {
    case 'less':
      return `${typed(rule.column)} ${rule.orEqual === true ? '>' : '>='} ${typed(rule.other)}`;
    case 'equal':
      return dialect.differs(typed(rule.column), typed(rule.other));
    case 'filled': {
      const { columns, min, max = columns.length } = rule;
      const filled = columns.map((column) => dialect.asNumber(`${raw(column)} is not null`)).join(' + ');
      return `${filled} not between ${min} and ${max}`;
    }
    case 'known':
      return unknownSql(rule, names);
    case 'function':
      rule.columns.map(typed);
      return dialect.fails(`no database runs the function ${rule.code}`);
    case 'sum': {
      const { total, parts, tolerance } = rule;
      return dialect.isOtherSum({ parts: parts.map(typed), total: typed(total), tolerance });
    }
    default:
      return rule satisfies never;
  }
}

/** Where no row of the other dataset has the values. */
function unknownSql(rule: Extract<RowTest, { readonly test: 'known' }>, names: SqlNames): string {
  const { columns } = rule;
  const values = columns.map(names.typed);
  const present = values.map((value) => `${value} is not null and `).join('');
  const same = values.map((value, index) => `weir_there.k${index} = ${value}`).join(' and ');
  return `${present}not exists (select 1 from ${namesThere(names).keys(rule, columns)} weir_there where ${same})`;
}

function keySql({ columns, where }: KeyRule, names: SqlNames, dialect: Dialect): string {
  const parts = columns.map(names.typed);
  const [only = 'null', ...more] = parts;
  const condition = where === undefined ? [] : [`(${conditionSql(where, ofValues(names), dialect)})`];
  const needed = [...condition, ...(more.length === 0 ? [] : parts.map((part) => `${part} is not null`))];
  const key = more.length === 0 ? only : dialect.together(parts);
  return needed.length === 0 ? key : `case when ${needed.join(' and ')} then ${key} end`;
}

function headerSql(rule: HeaderRule, dialect: Dialect): string {
  if (rule.test === 'count') {
    const isWithin = `not (${beyondSql('count(position)', rangeIn(rule, dialect.number))})`;
    return `select ${isWithin} as ok, count(position) as observed from ${HEADER_TABLE}`;
  }
  const { order = false } = rule;
  const odd = `position is null or contract_position is null${order ? ' or position <> contract_position' : ''}`;
  const listed = dialect.listed('name', 'coalesce(position, contract_position)');
  return `select count(*) = 0 as ok, ${listed} as observed from ${HEADER_TABLE} where ${odd}`;
}

function writtenSql(rule: SqlRule, names: SqlNames, dialect: Dialect): string {
  switch (rule.of) {
    case 'row':
      return onlyWhere(rule, `not (${rule.holds})`, { names, dialect });
    case 'table':
      return `with ${['rows', ...(rule.datasets ?? [])].map((table) => tableOf(table, names, dialect)).join(', ')} select * from (${rule.query}) limit 2`;
    default:
      return rule satisfies never;
  }
}

/** A table that written SQL may name. */
function tableOf(name: string, names: SqlNames, dialect: Dialect): string {
  return `${dialect.identifier(name)} as (select * from ${name === 'rows' ? names.table : namesThere(names).table(name)})`;
}

function either(conditions: readonly string[]): string {
  return conditions.join(' or ');
}
