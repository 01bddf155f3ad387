import type pg from 'pg';

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
  const result: pg.QueryResult | readonly pg.QueryResult[] = await client.query({
    ...configOf(statement),
    ...(values && { values: [...values] }),
  });
  const last = isList(result) ? result.at(-1) : result;
  // The caller declares the type of the row it selects; the client cannot know it.
  return (last?.rows ?? []) as R[];
}

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
  return (await client.query(query)).rows as R[];
}
