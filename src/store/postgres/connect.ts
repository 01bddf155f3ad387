import pg from 'pg';
import { StoreError } from '../errors.ts';
import { copyIn } from './copy-in.ts';
import { copyToCsv } from './copy-to-csv.ts';
import type { Database, Row, Transaction, TransactionOptions } from './database.ts';
import { holdClient } from './held-client.ts';
import { openListener } from './listener.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { runSingle, runStatement, type Statement } from './statement.ts';
import { reaching } from './unreachable.ts';

export interface ConnectOptions {
  readonly url: string;
  readonly poolSize?: number;
  /** How long to wait for a new or free connection. */
  readonly connectTimeoutMs?: number;
  /** Where unqualified table names resolve: in Weir's schema, or by the search path of the role. */
  readonly names?: 'weir' | 'role';
}

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 15_000;
/**
 * Said once a connection is there and not as it is made: poolers such as PgBouncer refuse or drop settings that come with
 * it. Compiling a query to machine code takes seconds over many partitions, and saves milliseconds of queries that find
 * rows by an index.
 */
const FOR_WEIR = 'set search_path to weir, public; set jit to off';
const DATE = 1082;
const TIMESTAMP_WITHOUT_ZONE = 1114;
const asText = (text: string): string => text;

/**
 * Opens a pool; the first query connects. A query while the server cannot be reached, or whose connection is lost,
 * fails with `database_unreachable`; a lost connection has no other effect on the process. Values: pass JSON for a
 * jsonb parameter as `JSON.stringify(value)`, because the client turns a JavaScript array into a PostgreSQL array.
 * bigint and numeric are returned as strings, date and timestamp without zone as the server writes them.
 */
export function connect(options: ConnectOptions): Database {
  const { url, poolSize = POOL_SIZE, names = 'weir' } = options;
  const config = clientConfig(options);
  const prepare = async (client: pg.ClientBase): Promise<void> => {
    if (names === 'weir') await client.query(FOR_WEIR);
  };
  const pool = new pg.Pool({ ...config, max: poolSize, onConnect: prepare });
  pool.on('error', ignore);
  // For its whole life, because the pool stops listening when it passes on a client, which may be lost at that moment.
  pool.on('connect', (client) => client.on('error', ignore));
  const listener = openListener(() => new pg.Client(config));
  return {
    url,
    query: (statement, values) => reaching(() => runStatement(pool, statement, values)),
    transaction: (work, options) => runTransaction(pool, work, options),
    listen: (channel, onPayload) => reaching(() => listener.listen(channel, onPayload)),
    copyToCsv: (sql) => copyToCsv(pool, sql),
    pool: () => ({ size: poolSize, used: pool.totalCount - pool.idleCount, waiting: pool.waitingCount }),
    close: async () => {
      await listener.close();
      await pool.end();
    },
  };
}

function clientConfig({ url, connectTimeoutMs = CONNECT_TIMEOUT_MS }: ConnectOptions): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'weir',
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    types: { getTypeParser: typeParser },
  };
}

// The client would convert these to a Date in the time zone of this process: another day or hour than was stored.
const typeParser: typeof pg.types.getTypeParser = (type, format?: 'text' | 'binary') => {
  if (format !== 'binary' && (type === DATE || type === TIMESTAMP_WITHOUT_ZONE)) return asText;
  return format === 'binary' ? pg.types.getTypeParser(type, format) : pg.types.getTypeParser(type);
};

// A table that was just filled has no statistics, so the planner would read all of it for a few hundred keys.
const INDEXED = ['seqscan', 'hashjoin', 'mergejoin'].map((way) => `; set local enable_${way} = off`).join('');

async function runTransaction<T>(
  pool: pg.Pool,
  work: (tx: Transaction) => Promise<T>,
  { readOnly = false, timeoutMs, isIndexed = false }: TransactionOptions = {},
): Promise<T> {
  const { client, lost, note, release } = await reaching(() => holdClient(pool));
  const inTurn = oneAtATime();
  const ask = <R>(question: () => Promise<R>): Promise<R> =>
    inTurn(() =>
      reaching(() => {
        const error = lost();
        if (error) throw error;
        return question();
      }),
    );
  try {
    await ask(() => client.query(beginOf({ readOnly, isIndexed, timeoutMs })));
    const result = await work(transactionOf(client, { readOnly, ask }));
    const { command } = await ask(() => client.query('commit'));
    if (command !== 'COMMIT') {
      throw new StoreError(
        'transaction_rolled_back',
        'Expected the transaction to commit, but the server rolled it back because a statement in it had failed; let that error pass out of the transaction.',
      );
    }
    return result;
  } catch (error) {
    await inTurn(() => client.query('rollback')).catch(note);
    throw error;
  } finally {
    release();
  }
}

interface Begin {
  readonly readOnly: boolean;
  readonly isIndexed: boolean;
  readonly timeoutMs: number | undefined;
}

function beginOf({ readOnly, isIndexed, timeoutMs }: Begin): string {
  const begin = `${readOnly ? 'begin read only' : 'begin'}${isIndexed ? INDEXED : ''}`;
  return timeoutMs === undefined
    ? begin
    : `${begin}; set local statement_timeout = ${Math.max(1, Math.ceil(timeoutMs))}`;
}

interface Asking {
  readonly readOnly: boolean;
  /** Runs a query while the connection is open, after those that were asked before. */
  ask<R>(question: () => Promise<R>): Promise<R>;
}

function transactionOf(client: pg.PoolClient, { readOnly, ask }: Asking): Transaction {
  return {
    query: <R = Row>(statement: Statement, values?: readonly unknown[]) =>
      ask(() => (readOnly ? runSingle<R> : runStatement<R>)(client, statement, values)),
    copyIn: (into, rows) => ask(() => copyIn(client, into, rows)),
  };
}

/** The query in progress, or the next one, fails with the same error and reports it to the caller. */
function ignore(): void {}
