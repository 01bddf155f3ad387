import type pg from 'pg';

/** A connection that is held for several statements. */
export interface HeldClient {
  readonly client: pg.PoolClient;
  /**
   * The first error of the connection: the server's reason. Between two statements only a listener receives it, and
   * later errors of the client only say that the connection is closed.
   */
  readonly lost: () => Error | undefined;
  /** Counts an error of a statement as one of the connection. */
  readonly note: (error: Error) => void;
  /** Releases the connection; one that is lost or `broken` is closed. */
  readonly release: (broken?: Error) => void;
}

export async function holdClient(pool: pg.Pool): Promise<HeldClient> {
  const client = await pool.connect();
  let lost: Error | undefined;
  const note = (error: Error): void => {
    lost ??= error;
  };
  client.on('error', note);
  return {
    client,
    lost: () => lost,
    note,
    release: (broken) => {
      client.off('error', note);
      client.release(lost ?? broken);
    },
  };
}
