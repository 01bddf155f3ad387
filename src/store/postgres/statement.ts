import type pg from 'pg';
import { isTracing, traced } from '../tracing/tracing.ts';
import { statementName } from './statement-name.ts';

/**
 * A statement that each connection of the server parses once and plans a few times, for text that is always the same and
 * runs often: half of what a small insert costs is parsing and planning.
 */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/** One name belongs to one text; the client refuses a second one. */
export const prepared = (name: string, text: string): PreparedStatement => ({ name, text });

export type Statement = string | PreparedStatement;

/** Of several statements in one text the last one gives the result. */
export async function runStatement<R>(
  client: pg.Pool | pg.PoolClient,
  statement: Statement,
  values?: readonly unknown[],
): Promise<readonly R[]> {
  const query = { ...configOf(statement), ...(values && { values: [...values] }) };
  const result = await tracedQuery<pg.QueryResult | readonly pg.QueryResult[]>(statement, () => client.query(query));
  const last = isList(result) ? result.at(-1) : result;
  // The caller declares the type of the row it selects; the client cannot know it.
  return (last?.rows ?? []) as R[];
}

/** In a span that names the statement; its text and values may be data. */
function tracedQuery<T>(statement: Statement, ask: () => Promise<T>): Promise<T> {
  if (!isTracing()) return ask();
  const name = typeof statement === 'string' ? statementName(statement) : statement.name;
  return traced(name, ask, SQL_SPAN);
}

const SQL_SPAN = { kind: 'client', attributes: { 'db.system.name': 'postgresql' } } as const;

function isList(result: pg.QueryResult | readonly pg.QueryResult[]): result is readonly pg.QueryResult[] {
  return Array.isArray(result);
}

const configOf = (statement: Statement): pg.QueryConfig =>
  typeof statement === 'string' ? { text: statement } : statement;

/** The extended protocol takes one statement only, so a "commit; drop table" cannot leave a read-only transaction. */
export async function runSingle<R>(
  client: pg.PoolClient,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  const query: pg.QueryConfig & { readonly queryMode: 'extended' } = {
    ...configOf(statement),
    values: [...values],
    queryMode: 'extended',
  };
  // The caller declares the type of the row it selects.
  return (await tracedQuery(statement, () => client.query(query))).rows as R[];
}
