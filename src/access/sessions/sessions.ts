import type { Role } from '#api';
import type { Database, Queryable } from '#store';
import { digestOfSecret, newSecret } from '../secret.ts';
import { isToken } from './session-token.ts';

const MINUTE_MS = 60_000;
/** A request writes when the last one is noted longer ago than this. */
const SEEN_STEP_MS = MINUTE_MS;
const SESSIONS_OF_USER_MAX = 50;
const BROWSER_LENGTH_MAX = 200;
const REMOVED_AT_ONCE = 1_000;
/** Carries the id of each user of whom sessions were ended. */
const SESSIONS_CHANNEL = 'weir_sessions';

const ending = (which: string): string =>
  `with ended as (delete from sessions where ${which} returning user_id)
   select pg_notify('${SESSIONS_CHANNEL}', user_id::text) from ended group by user_id`;

/** How long sessions last. */
export interface SessionLifetimes {
  /** From the login, whatever is done meanwhile. */
  readonly hours: number;
  /** Without a request. */
  readonly idleMinutes: number;
}

export type LoginMethod = 'password' | 'oidc' | 'link';

/** From where somebody logs in. */
export interface LoginClient {
  readonly address: string;
  /** What the browser says it is. */
  readonly browser: string;
  /** The token of the session that the browser had, which ends. */
  readonly replaces?: string | undefined;
}

/** A session that has not ended, with its user as they are at present. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly hasPassword: boolean;
  readonly endsAt: Date;
  readonly idleEndsAt: Date;
}

export interface StartedSession extends Session {
  /** Goes into the cookie, and nowhere else. */
  readonly token: string;
}

interface Opening extends LoginClient {
  readonly userId: string;
  readonly method: LoginMethod;
}

/** Sessions of users, in the database. */
export class Sessions {
  readonly #database: Queryable;
  readonly #lifetimes: SessionLifetimes;
  readonly #clock: () => Date;

  constructor(database: Queryable, lifetimes: SessionLifetimes, clock: () => Date) {
    this.#database = database;
    this.#lifetimes = lifetimes;
    this.#clock = clock;
  }

  /** Always a new token: one that was known before the login is worth nothing after it. Undefined for a disabled user. */
  async start({ userId, method, address, browser, replaces }: Opening): Promise<StartedSession | undefined> {
    const now = this.#clock();
    const endsAt = new Date(now.getTime() + this.#lifetimes.hours * 60 * MINUTE_MS);
    const token = newSecret();
    if (replaces !== undefined) await this.endByToken(replaces);
    await this.#removeEnded(now);
    const [started] = await this.#database.query(
      `insert into sessions (digest, user_id, role, method, address, browser, created_at, seen_at, ends_at)
       select $2, id, role, $3, $4, $5, $6, $6, $7 from users where id = $1 and disabled_at is null
       returning id`,
      [userId, digestOfSecret(token), method, address, browser.slice(0, BROWSER_LENGTH_MAX), now, endsAt],
    );
    if (started === undefined) return undefined;
    await this.#database.query(
      `delete from sessions where id in (
         select id from sessions where user_id = $1 order by created_at desc, id desc offset ${SESSIONS_OF_USER_MAX})`,
      [userId],
    );
    const session = await this.find(token);
    return session && { ...session, token };
  }

  /** The session of a cookie, unless it or its user is no longer accepted. Notes that it was used. */
  async find(token: string): Promise<Session | undefined> {
    if (!isToken(token)) return undefined;
    const now = this.#clock();
    const [row] = await this.#database.query<Omit<Session, 'idleEndsAt'> & { readonly seenAt: Date }>(
      `select sessions.id, user_id as "userId", name, users.role, password_hash is not null as "hasPassword",
              ends_at as "endsAt", seen_at as "seenAt"
         from sessions join users on users.id = user_id and users.role = sessions.role and disabled_at is null
        where digest = $1 and ends_at > $2 and seen_at > $3`,
      [digestOfSecret(token), now, this.#idleSince(now)],
    );
    if (row === undefined) return undefined;
    const { seenAt, ...session } = row;
    if (now.getTime() - seenAt.getTime() >= SEEN_STEP_MS)
      await this.#database.query('update sessions set seen_at = $2 where id = $1 and seen_at < $2', [session.id, now]);
    return { ...session, idleEndsAt: new Date(now.getTime() + this.#idleMs) };
  }

  /** Those of a user that have not ended, the newest first. */
  async list(userId: string) {
    const now = this.#clock();
    return this.#database.query<ListedSession>(
      `select sessions.id, method, address, browser, sessions.created_at as "createdAt", seen_at as "seenAt",
              ends_at as "endsAt"
         from sessions join users on users.id = user_id and users.role = sessions.role
        where user_id = $1 and ends_at > $2 and seen_at > $3
        order by sessions.created_at desc, sessions.id desc`,
      [userId, now, this.#idleSince(now)],
    );
  }

  async endByToken(token: string): Promise<void> {
    await this.#database.query(ending('digest = $1'), [digestOfSecret(token)]);
  }

  /** Ends one session of a user; one of somebody else is left alone. */
  async end(userId: string, id: string): Promise<void> {
    await this.#database.query(ending('user_id = $1 and id = $2'), [userId, id]);
  }

  async endAll(userId: string): Promise<void> {
    await endSessions(this.#database, userId);
  }

  get #idleMs(): number {
    return this.#lifetimes.idleMinutes * MINUTE_MS;
  }

  #idleSince(now: Date): Date {
    return new Date(now.getTime() - this.#idleMs);
  }

  async #removeEnded(now: Date): Promise<void> {
    await this.#database.query(
      `delete from sessions where id in (
         select id from sessions where ends_at <= $1 or seen_at <= $2 limit ${REMOVED_AT_ONCE})`,
      [now, this.#idleSince(now)],
    );
  }
}

export interface ListedSession {
  readonly id: string;
  readonly method: LoginMethod;
  readonly address: string;
  readonly browser: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly endsAt: Date;
}

/** Ends all sessions of a user, in the transaction that changes the user. */
export async function endSessions(queryable: Queryable, userId: string): Promise<void> {
  await queryable.query(ending('user_id = $1'), [userId]);
}

/** Calls back with the id of each user of whom sessions were ended, by any process, from now on; the result stops it. */
export function followEndedSessions(
  database: Database,
  onEnded: (userId: string) => void,
): Promise<() => Promise<void>> {
  return database.listen(SESSIONS_CHANNEL, onEnded);
}
