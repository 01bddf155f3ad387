import type { Database } from '#store';
import { AccessError } from '../errors.ts';
import { LoginThrottle } from '../passwords/login-throttle.ts';
import { PasswordHasher } from '../passwords/password-hasher.ts';
import {
  type LoginClient,
  type LoginMethod,
  type Session,
  type SessionLifetimes,
  Sessions,
  type StartedSession,
} from '../sessions/sessions.ts';
import { insertUser } from '../users/insert-user.ts';
import { assertFitPassword, setPassword } from '../users/set-password.ts';
import { readSetupLink, takeSetupLink } from '../users/setup-link.ts';

const SECOND_MS = 1_000;
const BUSY_RETRY_SECONDS = 5;

export interface LoginsOptions {
  readonly database: Database;
  readonly lifetimes: SessionLifetimes;
}

export interface LoginsEffects {
  readonly clock?: () => Date;
  readonly hasher?: PasswordHasher;
  readonly throttle?: LoginThrottle;
}

/** How people log in with a password, and their sessions. Where there are several, they share hasher and throttle. */
export class Logins {
  readonly sessions: Sessions;
  readonly #database: Database;
  readonly #clock: () => Date;
  readonly #hasher: PasswordHasher;
  readonly #throttle: LoginThrottle;

  constructor({ database, lifetimes }: LoginsOptions, effects: LoginsEffects = {}) {
    this.#database = database;
    this.#clock = effects.clock ?? (() => new Date());
    this.#hasher = effects.hasher ?? new PasswordHasher();
    this.#throttle = effects.throttle ?? new LoginThrottle();
    this.sessions = new Sessions(database, lifetimes, this.#clock);
  }

  /** Throws `login_refused`, which does not say whether there is such a user. */
  async logIn({
    name,
    password,
    ...client
  }: LoginClient & { name: string; password: string }): Promise<StartedSession> {
    const attempt = { account: name, address: client.address };
    this.#beginAttempt(attempt);
    const [user] = await this.#database.query<{ id: string; stored: string | null }>(
      'select id, password_hash as stored from users where lower(name) = lower($1) and disabled_at is null',
      [name.trim()],
    );
    const verdict = await this.#hasher.verify(password, user?.stored ?? undefined);
    if (verdict === 'wrong' || user === undefined)
      throw new AccessError('login_refused', 'The name or the password is wrong, or the user is disabled.');
    this.#throttle.succeed(attempt);
    if (verdict === 'outdated') await this.#rehash(user, password);
    return this.#start({ userId: user.id, method: 'password', ...client });
  }

  /** Sets a password with a one-time link; that of the first start creates an admin of the given name. */
  async setUp({
    token,
    name,
    password,
    ...client
  }: LoginClient & { token: string; name?: string | undefined; password: string }): Promise<StartedSession> {
    this.#assertNotBusy();
    const link = await readSetupLink(this.#database, token, this.#clock());
    const forName = link.name ?? name;
    if (forName === undefined)
      throw new AccessError('user_name_missing', 'Expected the name of the first admin; none came.');
    assertFitPassword(password, forName);
    const hash = await this.#hasher.hash(password);
    const userId = await this.#database.transaction(async (tx) => {
      await takeSetupLink(tx, token, this.#clock());
      if (link.userId === null) return insertUser(tx, { name: forName, role: 'admin', passwordHash: hash });
      await tx.query('update users set password_hash = $2 where id = $1', [link.userId, hash]);
      return link.userId;
    });
    return this.#start({ userId, method: 'link', ...client });
  }

  /** Changes the password of a session's user. All sessions end; the one returned takes the place of this one. */
  async changePassword(
    session: Session,
    { present, next, ...client }: LoginClient & { present: string; next: string },
  ): Promise<StartedSession> {
    const attempt = { account: session.name, address: client.address };
    this.#beginAttempt(attempt);
    const [user] = await this.#database.query<{ stored: string | null }>(
      'select password_hash as stored from users where id = $1',
      [session.userId],
    );
    const stored = user?.stored ?? undefined;
    if ((await this.#hasher.verify(present, stored)) === 'wrong')
      throw new AccessError('login_refused', 'The present password is wrong.');
    this.#throttle.succeed(attempt);
    assertFitPassword(next, session.name);
    await setPassword(this.#database, { id: session.userId, passwordHash: await this.#hasher.hash(next) });
    return this.#start({ userId: session.userId, method: 'password', ...client });
  }

  /** Starts the session of a user whom the identity provider has named. */
  startFor(userId: string, client: LoginClient): Promise<StartedSession> {
    return this.#start({ userId, method: 'oidc', ...client });
  }

  async #start(opening: LoginClient & { userId: string; method: LoginMethod }): Promise<StartedSession> {
    const started = await this.sessions.start(opening);
    // Disabled in the moment between.
    if (started === undefined) throw new AccessError('login_refused', 'The user is disabled.');
    await this.#database.query('update users set last_login_at = $2 where id = $1', [opening.userId, this.#clock()]);
    return started;
  }

  /** The present password stays, with the present cost; a change that came meanwhile wins. */
  async #rehash({ id, stored }: { id: string; stored: string | null }, password: string): Promise<void> {
    const hash = await this.#hasher.hash(password);
    await this.#database.query('update users set password_hash = $3 where id = $1 and password_hash = $2', [
      id,
      stored,
      hash,
    ]);
  }

  #beginAttempt(attempt: { readonly account: string; readonly address: string }): void {
    this.#assertNotBusy();
    const waitMs = this.#throttle.begin(attempt, this.#clock().getTime());
    if (waitMs === 0) return;
    const retryAfterSeconds = Math.ceil(waitMs / SECOND_MS);
    throw new AccessError('login_throttled', `There were too many attempts. Try again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  }

  #assertNotBusy(): void {
    if (!this.#hasher.isBusy) return;
    throw new AccessError('logins_busy', `Too many people log in at once. Try again in ${BUSY_RETRY_SECONDS} s.`, {
      retryAfterSeconds: BUSY_RETRY_SECONDS,
    });
  }
}
