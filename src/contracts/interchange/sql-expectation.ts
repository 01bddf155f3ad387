import type { Expectation } from '../contract.ts';
import { embeddedSql } from '../embedded-sql.ts';
import { identifier } from '../sql.ts';
import { inWords, type SqlRule } from './read-rule.ts';
import { NEEDS_COLUMN, type RuleTarget } from './rule-expectations.ts';

/** `{object}`, `${table}`, `{property}` and the like, with the quotes that may stand around them. */
const TABLE = /(["`]?)\$?\{\s*(?:object|table|model)\s*\}\1/gi;
const COLUMN = /(["`]?)\$?\{\s*(?:property|column|field)\s*\}\1/gi;
/** The location of the table in a database; a file has none. */
const PLACE = /(["`]?)\$?\{\s*(?:schema|database|dataset|catalog|project)\s*\}\1\s*\.\s*/gi;

/**
 * A query and what it must answer. It is written for the database of its document: where DuckDB cannot run it, the check
 * says that it is not checked.
 */
export function sqlExpectation(
  rule: SqlRule,
  { path, column, tables, aliases }: RuleTarget,
): readonly Expectation[] | string {
  const { comparison, description, severity } = rule;
  const query = rule.query.replaceAll(PLACE, '').replaceAll(TABLE, '"rows"');
  if (column === undefined && query.search(COLUMN) >= 0) return NEEDS_COLUMN;
  const sql = embeddedSql(
    'A rule of SQL needs',
    query.replaceAll(COLUMN, () => identifier(column ?? '')),
  );
  const renamed = [...aliases].filter(([alias]) => sql.toLowerCase().includes(alias));
  const selected = ['*', ...renamed.map(([alias, name]) => `${identifier(name)} as ${identifier(alias)}`)].join(', ');
  const names = new Map(tables.map((table) => [table.toLowerCase(), table]));
  names.delete('rows');
  const called = [...names.values()].map((table) => `, ${identifier(table)} as (select * from "rows")`).join('');
  const expectation: Expectation = {
    name: 'sql',
    maker: 'sql',
    severity,
    level: 'table',
    category: 'row',
    origin: path,
    sentence: `${description ?? inWords(sql)}: the answer is ${comparison.words}`,
    sql: ({ table }) =>
      `with "rows" as (select ${selected} from ${table})${called}, weir_answer as materialized (select (${sql}) as answer) ` +
      `select coalesce(${comparison.sql('answer')}, false) as ok, coalesce(answer::varchar, 'nothing') as observed from weir_answer`,
  };
  return [expectation];
}
