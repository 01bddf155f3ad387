import type { TextRow } from './copy-in.ts';
import type { Statement } from './statement.ts';

/** One row from the client: bigint columns as strings, timestamptz as Date, jsonb parsed. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs SQL with `$1` parameters, prepared or not. Implemented by pools and transactions. */
export interface Queryable {
  /** Runs one statement and gives its rows: `query('select $1::int as n', [1])`. */
  query<R = Row>(statement: Statement, values?: readonly unknown[]): Promise<readonly R[]>;
}

/** What a transaction can do besides queries. */
export interface Transaction extends Queryable {
  /** Appends rows to a table by COPY, in half the time of an insert; returns the number of rows. */
  copyIn(
    into: { readonly table: string; readonly columns: readonly string[] },
    rows: Iterable<TextRow>,
  ): Promise<number>;
}

/** The PostgreSQL that stores everything except blobs. All tables live in the schema `weir`. */
export interface Database extends Queryable {
  /** All or nothing; a thrown error rolls back. `readOnly` and `timeoutMs` are enforced by the server. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Calls back for each NOTIFY on the channel; reconnects by itself. Resolves once listening; the returned function
   * stops it.
   */
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  /** Streams the rows of a query as CSV with a header, by COPY; booleans as true and false, times as ISO 8601. */
  copyToCsv(sql: string): AsyncIterable<Uint8Array>;
  /** How its connections are used; absent where it has none of its own. */
  pool?(): PoolUse;
  /** Address of the database, with user and password. */
  readonly url: string;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** The connections of a pool: how many it may have, how many are in use, and how many queries wait for one. */
export interface PoolUse {
  readonly size: number;
  readonly used: number;
  readonly waiting: number;
}

export interface TransactionOptions {
  readonly readOnly?: boolean;
  readonly timeoutMs?: number;
  /** Every statement finds its rows by an index, even with outdated statistics. */
  readonly isIndexed?: boolean;
  /**
   * The server ends it when its process is stopped or computes for so long within it, and so gives free what it has locked; 15
   * seconds unless given. One that only waits for something else is not ended.
   */
  readonly silentMsMax?: number;
}
