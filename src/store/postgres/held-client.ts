import type pg from 'pg';

/** A connection that one piece of work holds, statement after statement. */
export interface HeldClient {
  readonly client: pg.PoolClient;
  /**
   * The first error of the connection: the server's word on why. Between two statements it reaches only who listens, and
   * what the client says afterwards is only that the connection is gone.
   */
  readonly lost: () => Error | undefined;
  /** Counts an error of a statement as one of the connection. */
  readonly note: (error: Error) => void;
  /** Gives the connection back; one that is lost or `broken` is closed. */
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
