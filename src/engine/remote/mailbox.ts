import { randomUUID } from 'node:crypto';
import { createGroup, type Database, prepared } from '#store';
import { classifyError } from '../define/failure.ts';
import type { FromChild, NeedAnswer } from '../execute/executor.ts';
import { untilReached } from './until-reached.ts';

/** What a worker says of a delivery. */
export type FromWorker = Exclude<FromChild, { kind: 'ready' | 'need' }> | WorkerQuestion;

/** A need of a running attempt, and the mailbox that waits for the answer. */
export interface WorkerQuestion extends Extract<FromChild, { kind: 'need' }> {
  readonly from: string;
}

/** What the process that drives the run says of a delivery. */
export interface ToWorker {
  readonly kind: 'answer';
  readonly question: number;
  readonly answer: NeedAnswer;
}

export type Message = FromWorker | ToWorker;

export interface Mail {
  readonly delivery: string;
  readonly message: Message;
}

interface Letter extends Mail {
  readonly receiver: string;
}

const MAIL_CHANNEL = 'weir_worker_mail';
/** A notification is lost while the connection that listens is down. */
const LOOK_EVERY_MS = 5_000;
const LETTERS_MAX = 500;
/** A receiver that has been away this long has lost its claims long ago. */
const KEPT_MINUTES = 10;
const TIDY_EVERY_MS = 60_000;

const SEND = prepared(
  'send_worker_mail',
  `
with sent as (
  insert into worker_mail (receiver, delivery, message)
  select receiver, delivery, message from unnest($1::uuid[], $2::uuid[], $3::json[])
    with ordinality as letters (receiver, delivery, message, place) order by place
  returning receiver)
select pg_notify('${MAIL_CHANNEL}', receiver::text) from (select distinct receiver from sent) as receivers`,
);

const READ = prepared(
  'read_worker_mail',
  `
with gone as (delete from worker_mail where receiver = $1 and id = any($2::bigint[]))
select id::text, delivery::text, message from worker_mail
where receiver = $1 and id <> all($2::bigint[]) order by id limit ${LETTERS_MAX}`,
);

/**
 * Messages between a worker and the process that drives runs, which may be on other machines: rows of PostgreSQL, and a
 * notification. Every message arrives as long as its receiver lives, and may arrive twice, when its sender could not know
 * whether it was stored. Senders wait for what has to come first.
 */
export class Mailbox {
  readonly address = randomUUID();
  readonly #database: Database;
  readonly #receive: (mail: Mail) => void;
  readonly #warn: (message: string, error: unknown) => void;
  readonly #closed = new AbortController();
  readonly #post: (letter: Letter) => Promise<undefined>;
  /** Read, and not yet deleted. */
  #read: readonly string[] = [];
  #looking: Promise<void> | undefined;
  #looksAgain = false;
  #timers: readonly NodeJS.Timeout[] = [];
  #unlisten: () => Promise<void> = async () => undefined;

  constructor(
    database: Database,
    {
      receive,
      warn,
    }: { readonly receive: (mail: Mail) => void; readonly warn: (message: string, error: unknown) => void },
  ) {
    this.#database = database;
    this.#receive = receive;
    this.#warn = warn;
    this.#post = createGroup<Letter, undefined>((letters) => this.#store(letters), {
      itemsMax: LETTERS_MAX,
      isSafeToSplit: (error) => classifyError(error) !== 'infrastructure',
    });
  }

  async open(): Promise<void> {
    this.#unlisten = await this.#database.listen(MAIL_CHANNEL, (receiver) => {
      if (receiver === this.address) this.look();
    });
    this.#timers = [
      setInterval(() => this.look(), LOOK_EVERY_MS).unref(),
      setInterval(() => void this.#tidy(), TIDY_EVERY_MS).unref(),
    ];
  }

  /** Resolves once the message is stored, however long the database is away. */
  send(receiver: string, mail: Mail): Promise<void> {
    return untilReached(() => this.#post({ ...mail, receiver }), this.#closed.signal);
  }

  /** Reads what has come, now. */
  look(): void {
    if (this.#closed.signal.aborted) return;
    if (this.#looking !== undefined) {
      this.#looksAgain = true;
      return;
    }
    this.#looking = this.#readAll()
      .catch((error: unknown) => {
        if (!this.#closed.signal.aborted) this.#warn('Messages of workers could not be read', error);
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#looksAgain) this.look();
      });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const timer of this.#timers) clearInterval(timer);
    await this.#unlisten().catch(() => undefined);
    await this.#looking;
    const mine = this.#database.query('delete from worker_mail where receiver = $1', [this.address]);
    // What stays is removed as old.
    await mine.catch(() => undefined);
  }

  async #store(letters: readonly Letter[]): Promise<readonly undefined[]> {
    await this.#database.query(SEND, [
      letters.map(({ receiver }) => receiver),
      letters.map(({ delivery }) => delivery),
      letters.map(({ message }) => JSON.stringify(message)),
    ]);
    return letters.map(() => undefined);
  }

  /** Deletes with the next read what the one before gave, so that a read that fails loses nothing. */
  async #readAll(): Promise<void> {
    do {
      this.#looksAgain = false;
      const rows = await this.#database.query<Mail & { readonly id: string }>(READ, [this.address, this.#read]);
      this.#read = rows.map(({ id }) => id);
      for (const mail of rows) this.#receive(mail);
    } while (!this.#closed.signal.aborted && (this.#looksAgain || this.#read.length > 0));
  }

  async #tidy(): Promise<void> {
    await this.#database
      .query(`delete from worker_mail where created_at < clock_timestamp() - interval '${KEPT_MINUTES} minutes'`)
      .catch((error: unknown) => this.#warn('Old messages of workers could not be removed', error));
  }
}
