import type { Expectation } from '../contract.ts';
import { embeddedSql } from '../embedded-sql.ts';
import { assertDataset } from './dataset-name.ts';
import {
  expectationOf,
  type RowsOptions,
  type SeverityOption,
  type SqlColumnsOption,
  type ToleranceOption,
  type WhereOption,
} from './expectation-options.ts';

/**
 * A rule over several columns of a row, in DuckDB's SQL over the typed columns. As with SQL's CHECK, a row where the rule
 * is neither true nor false (something is missing) does not violate it; one where it cannot be computed does.
 *
 * @example row('adults-only', { holds: `age >= 18 or class <> 'crew'`, sentence: 'crew are adults', columns: ['age', 'class'] })
 */
export function row(
  name: string,
  options: SeverityOption &
    WhereOption &
    ToleranceOption &
    SqlColumnsOption & {
      /** Condition in SQL over the typed columns, true for a good row: `'age >= 18'`. */
      readonly holds: string;
      /** The rule in words, as reports show it; the SQL unless set. */
      readonly sentence?: string;
    },
): Expectation {
  const { columns } = options;
  const holds = embeddedSql(`row('${name}') expects in holds`, options.holds);
  return expectationOf(
    'row',
    { ...options, name },
    {
      category: 'row',
      sentence: options.sentence ?? holds,
      rule: { over: 'sql', of: 'row', holds, ...(columns === undefined ? {} : { columns }) },
    },
  );
}

/**
 * The column is not empty in rows where an SQL condition over the typed columns is true.
 *
 * @example requiredWhen('deck', { when: `class = '1st'`, columns: ['class'] })
 */
export function requiredWhen(
  column: string,
  {
    columns = [],
    ...options
  }: Omit<RowsOptions, 'where'> &
    SqlColumnsOption & {
      /** Condition in SQL over the typed columns: `"class = '1st'"`. */
      readonly when: string;
    },
): Expectation {
  const sql = embeddedSql(`requiredWhen('${column}') expects in when`, options.when);
  return expectationOf('required-when', options, {
    category: 'missing-value',
    sentence: `${column} is not empty when ${sql}`,
    rule: { over: 'cell', column, test: 'present', where: { sql, columns } },
  });
}

/**
 * Any query over the whole file: SQL that returns one row with `ok` and optionally `observed`, over the table `rows` of
 * typed columns and the tables of other datasets.
 *
 * @example query('one-captain', { sql: `select count(*) = 1 as ok, count(*) as observed from rows where role = 'captain'`, sentence: 'there is one captain' })
 */
export function query(
  name: string,
  options: SeverityOption &
    SqlColumnsOption & {
      /** A SELECT of one row with `ok`, over `rows`: `'select count(*) > 10 as ok from rows'`. */
      readonly sql: string;
      /** The rule in words, as reports show it: `'there are more than ten rows'`. */
      readonly sentence: string;
      /**
       * Other datasets that the SQL names, each a table of texts by the names of its columns; none unless set. Where a check finds
       * them: see `keysIn`. Example: `['invoices']`.
       */
      readonly datasets?: readonly string[];
    },
): Expectation {
  const { sentence, columns, datasets = [] } = options;
  for (const dataset of datasets) assertDataset(`query('${name}')`, dataset);
  return expectationOf(
    'query',
    { ...options, name },
    {
      category: 'row',
      sentence,
      rule: {
        ...{ over: 'sql', of: 'table' },
        query: embeddedSql(`query('${name}') expects`, options.sql),
        ...(datasets.length === 0 ? {} : { datasets }),
        ...(columns === undefined ? {} : { columns }),
      },
    },
  );
}
