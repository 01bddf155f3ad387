import { connect, type Socket } from 'node:net';
import type pg from 'pg';

/** Watches connections while they are used. */
export interface ConnectionWatch {
  readonly begin: (client: pg.ClientBase) => void;
  readonly end: (client: pg.ClientBase) => void;
  during<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T>;
}

/** A connection that was used for less is not asked about. */
const ASK_AFTER_MS = 6_000;
const ANSWER_MS_MAX = 2_500;
/** A process that was busy for seconds may miss one answer. */
const MISSED_MAX = 2;

/**
 * Ends connections that are used while their server accepts no new one any more. A cut cable sends no word: the kernel
 * repeats what was sent for a quarter of an hour, in growing pauses, and keepalives do not run meanwhile. A query may
 * take long, so its time says nothing; whether the server can be reached does. Costs nothing while queries are answered
 * within seconds.
 */
export function watchConnections(askAfterMs = ASK_AFTER_MS): ConnectionWatch {
  const used = new Map<pg.ClientBase, number>();
  let timer: NodeJS.Timeout | undefined;
  let missed = 0;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (used.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    const now = Date.now();
    const long = [...used].filter(([, since]) => now - since >= askAfterMs).map(([client]) => client);
    const [first] = long.map(openOf);
    // A socket of this machine is never cut.
    if (first === undefined || first.host.startsWith('/')) missed = 0;
    else if (await isReachable(first)) missed = 0;
    else if (++missed >= MISSED_MAX) for (const client of long) giveUp(client);
  };
  const begin = (client: pg.ClientBase): void => {
    used.set(client, Date.now());
    timer ??= setInterval(() => {
      if (isLooking) return;
      isLooking = true;
      void look().finally(() => {
        isLooking = false;
      });
    }, askAfterMs / 2).unref();
  };
  const end = (client: pg.ClientBase): void => {
    used.delete(client);
  };
  return {
    ...{ begin, end },
    during: async (client, work) => {
      begin(client);
      try {
        return await work();
      } finally {
        end(client);
      }
    },
  };
}

/** What each client has; the types leave it out where clients come from. */
interface Open {
  readonly host: string;
  readonly port: number;
  readonly connection: { readonly stream: Socket };
}

const openOf = (client: pg.ClientBase): Open => client as unknown as Open;

/** Whether the server takes a connection, which is closed at once; it does not log one that says nothing. */
function isReachable({ host, port }: Open): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => answer(false), ANSWER_MS_MAX);
    const answer = (isThere: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

function giveUp(client: pg.ClientBase): void {
  const error = new Error('The server did not answer, and cannot be reached any more');
  openOf(client).connection.stream.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
}
