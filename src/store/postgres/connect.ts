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
import { watchConnections } from './watch-connections.ts';

export interface ConnectOptions {
  readonly url: string;
  readonly poolSize?: number;
  /** How long to wait for a new or free connection. */
  readonly connectTimeoutMs?: number;
  /** After a query has taken so long the client asks, again and again, whether its server is there; 6 seconds unless given. */
  readonly askAfterMs?: number;
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
/**
 * A client whose machine is gone sends no word, and what its transaction has locked stays locked until the server asks: after
 * two hours, by the defaults of systems. So it gives it up within 12 seconds.
 */
const NOTICE_GONE =
  'set tcp_keepalives_idle = 6; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3; set tcp_user_timeout = 12000';
/** The same for a process that is stopped, or stuck, within a transaction: as long as a lease. One that runs says something. */
const SILENT_MS_MAX = 15_000;
const SAID_IN_IT = 4;
/** Of silence, before the client asks whether its server is there; Node asks ten times, a second apart. */
const KEEPALIVE_AFTER_MS = 5_000;
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
  const watch = watchConnections(options.askAfterMs);
  const prepare = (client: pg.ClientBase): Promise<void> =>
    watch.during(client, async () => {
      if (names === 'weir') await client.query(`${FOR_WEIR}; ${NOTICE_GONE}`);
      // What only speaks the protocol of PostgreSQL may not know these.
      else await client.query(NOTICE_GONE).catch(ignore);
    });
  const pool = new pg.Pool({ ...config, max: poolSize, onConnect: prepare });
  pool.on('error', ignore);
  // For its whole life, because the pool stops listening when it passes on a client, which may be lost at that moment.
  pool.on('connect', (client) => client.on('error', ignore));
  pool.on('acquire', watch.begin);
  pool.on('release', (_, client) => watch.end(client));
  pool.on('remove', watch.end);
  const listener = openListener(() => new pg.Client(config), watch);
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
    ...{ keepAlive: true, keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS },
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
  options: TransactionOptions = {},
): Promise<T> {
  const { readOnly = false, timeoutMs, isIndexed = false, silentMsMax = SILENT_MS_MAX } = options;
  const { client, lost, note, release } = await reaching(() => holdClient(pool));
  const inTurn = oneAtATime();
  let open = 0;
  const ask = <R>(question: () => Promise<R>): Promise<R> => {
    open += 1;
    return inTurn(() =>
      reaching(() => {
        const error = lost();
        if (error) throw error;
        return question();
      }),
    ).finally(() => {
      open -= 1;
    });
  };
  const saying = setInterval(() => {
    // The next statement has the error.
    if (open === 0) ask(() => client.query('select 1')).catch(ignore);
  }, silentMsMax / SAID_IN_IT).unref();
  try {
    await ask(() => client.query(beginOf({ readOnly, isIndexed, timeoutMs, silentMsMax })));
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
    clearInterval(saying);
    release();
  }
}

interface Begin {
  readonly readOnly: boolean;
  readonly isIndexed: boolean;
  readonly timeoutMs: number | undefined;
  readonly silentMsMax: number;
}

function beginOf({ readOnly, isIndexed, timeoutMs, silentMsMax }: Begin): string {
  const idle = `set local idle_in_transaction_session_timeout = ${silentMsMax}`;
  const begin = `${readOnly ? 'begin read only' : 'begin'}; ${idle}${isIndexed ? INDEXED : ''}`;
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
