import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

export interface ElectionOptions {
  readonly url: string;
  /** Of those that ask under one name on one database, one leads. */
  readonly name: string;
  /** This process leads from now on. */
  readonly lead: () => void;
  /** It does not lead any more, or cannot know; resolves when it has ended what only the leader does. */
  readonly yieldLead: () => Promise<void>;
  readonly warn: (message: string, error: unknown) => void;
}

export interface Election {
  /** Resolves when it is known who leads, with whether this process does; false when the database cannot be reached. */
  readonly first: Promise<boolean>;
  close(): Promise<void>;
}

const ASK_EVERY_MS = 2_000;
/** A leader that does not hear from the server for this long, and the time between, has yielded. */
const ANSWER_MS_MAX = 4_000;
/** The server notices a leader whose machine is gone, without a word, within 9 seconds, and lets the next one lead. */
const KEEPALIVE = 'set tcp_keepalives_idle = 3; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3';
const UNSENT = 'set tcp_user_timeout = 9000';
/** The same for one whose process is stopped, or stuck: one that runs asks every two seconds. */
const SILENT = 'set idle_session_timeout = 9000';

/**
 * Elects one of several processes, by an advisory lock that is held as long as its connection lives. A leader whose
 * connection is lost yields before another try; the server may have let another lead by then, for the moments until it
 * notices: what leaders do must bear two of them for so long.
 */
export function openElection(options: ElectionOptions): Election {
  const closed = new AbortController();
  let know: (isLeader: boolean) => void = () => undefined;
  const first = new Promise<boolean>((resolve) => {
    know = resolve;
  });
  const standing = standUntilClosed(options, { signal: closed.signal, know });
  return {
    first,
    close: async () => {
      closed.abort();
      await standing;
    },
  };
}

interface Standing {
  readonly signal: AbortSignal;
  readonly know: (isLeader: boolean) => void;
}

async function standUntilClosed(options: ElectionOptions, { signal, know }: Standing): Promise<void> {
  const { url, name, lead, yieldLead, warn } = options;
  const isLeader = { now: false };
  while (!signal.aborted) {
    const client = new pg.Client({
      ...{ connectionString: url, application_name: 'weir', keepAlive: true },
      ...{ connectionTimeoutMillis: ANSWER_MS_MAX, query_timeout: ANSWER_MS_MAX },
    });
    const lost = new AbortController();
    // The next question fails with the error, and is asked at once.
    client.on('error', () => lost.abort());
    client.once('end', () => lost.abort());
    const either = AbortSignal.any([signal, lost.signal]);
    try {
      await client.connect();
      await client.query(KEEPALIVE);
      await client.query(UNSENT);
      await client.query(SILENT);
      while (!signal.aborted) {
        if (isLeader.now) await client.query('select 1');
        else if (await takeLock(client, name)) {
          isLeader.now = true;
          lead();
        }
        know(isLeader.now);
        await pause(either);
      }
    } catch (error) {
      know(false);
      warn('The election of a leading server lost its connection', error);
    }
    if (isLeader.now) await yieldLead();
    isLeader.now = false;
    // Frees the lock; a connection that hangs is dropped.
    await Promise.race([client.end().catch(() => undefined), pause(signal)]);
    if (!signal.aborted) await pause(signal);
  }
}

async function takeLock(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as is_mine', [name]);
  return rows[0]?.is_mine === true;
}

const pause = (signal: AbortSignal): Promise<void> => delay(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined);
