import type { CommandResponse, Db, Job, JobInsert, PgBoss } from 'pg-boss';
import { createGroup, type Database, prepared, type Queryable, type Statement } from '#store';
import { TaskError } from '../define/errors.ts';
import { classifyError } from '../define/failure.ts';
import { groupBy } from '../define/group-by.ts';
import { digestOf } from '../define/key.ts';
import { shortDigest } from '../define/short-digest.ts';
import { QUEUE_SCHEMA, queueName } from './queue-name.ts';
import { type Delivery, isLater, type Served, type Serving, type Transport } from './transport.ts';
import { untilReached } from './until-reached.ts';

export interface PgBossTransportOptions {
  readonly database: Database;
  /** What a worker has to bring itself: only workers of the same one get the deliveries. */
  readonly runtime: string;
  /** Whether the tables of the queue may be made and brought up to date; else they have to be there. */
  readonly mayMigrate: boolean;
  readonly warn: (message: string, error: unknown) => void;
}

/** As pg-boss keeps a delivery. */
interface Payload {
  /** As text, because jsonb refuses characters that inputs may have. */
  readonly delivery: string;
  /**
   * Sent by itself: it stays for a while when it has ended, so that a second try to send it finds it. What is sent in a
   * transaction is there once it is committed, and goes at its end.
   */
  readonly stays?: true;
}

const WORK_CHANNEL = 'weir_worker_queue';
const CANCEL_CHANNEL = 'weir_worker_cancel';
const DEAD = 'dead';
const TOUCH_EVERY_MS = 2_000;
/** A delivery whose worker has not touched it for so long goes to another. pg-boss itself takes no heartbeat below ten seconds. */
const SILENT_MS = 7_000;
/** What pg-boss does itself when no server of Weir looks; removing what is old, too. */
const HEARTBEAT_SECONDS = 60;
const SUPERVISE_EVERY_MS = 20_000;
/** pg-boss keeps no job longer than a day in the hands of a worker. */
const EXPIRE_SECONDS = 86_000;
/** A second worker only says that the first is gone; when it dies too, another does. */
const TRIES_MAX = 5;
/** For what was lost or went silent. */
const LOST_EVERY_MS = 1_000;
/** What a worker can take is announced; an announcement is lost while the connection that listens is down. */
const LOOK_EVERY_MS = 5_000;
const KEPT_SECONDS = 600;
/** Others replace the same one meanwhile. */
const REPLACED_MAX = 5;
const SENT_TOGETHER_MAX = 500;
const TAKEN_TOGETHER_MAX = 200;
/** Texts of statements: one for each number of jobs that are asked for at once, and a few of each queue. */
const PREPARED_MAX = 400;

const UNBEGUN = `
select id::text from ${QUEUE_SCHEMA}.job
where name = $1 and id = any($2::uuid[]) and state = 'cancelled' and started_on is null`;

const SILENT = `
select name, id::text, retry_count as "retryCount" from ${QUEUE_SCHEMA}.job
where state = 'active' and heartbeat_on < clock_timestamp() - interval '${SILENT_MS} milliseconds' and name <> '${DEAD}'`;

const ANNOUNCE = prepared('announce_deliveries', 'select pg_notify($1, $2)');

const QUEUE = {
  policy: 'exclusive',
  heartbeatSeconds: HEARTBEAT_SECONDS,
  expireInSeconds: EXPIRE_SECONDS,
  retryLimit: TRIES_MAX,
  deadLetter: DEAD,
  deleteAfterSeconds: KEPT_SECONDS,
} as const;

/** Brings deliveries to workers through pg-boss, in a schema of its own in Weir's database: there is no other server. */
export async function pgBossTransport(options: PgBossTransportOptions): Promise<Transport> {
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    db: toDatabase(options.database),
    schema: QUEUE_SCHEMA,
    migrate: options.mayMigrate,
    createSchema: options.mayMigrate,
    schedule: false,
    // Servers ask for it: a thousand workers need not.
    supervise: false,
  });
  boss.on('error', (error) => options.warn('The queue of workers', error));
  // Two that make the tables at the same time would fail, and pg-boss takes its own lock only when its schema is there.
  await options.database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', [QUEUE_SCHEMA]);
    await boss.start();
    await boss.createQueue(DEAD, { deleteAfterSeconds: KEPT_SECONDS });
  });
  return new PgBossTransport(boss, options);
}

// Rows as pg-boss expects them of its own client.
const toDatabase = (queryable: Queryable): Db => ({
  executeSql: async (text, values) => ({ rows: [...(await queryable.query(text, values))] }),
});

const named = new Map<string, Statement>();

/** For what pg-boss asks all the time, whose planning costs a third of it. */
const toPreparing = (queryable: Queryable): Db => ({
  executeSql: async (text, values) => {
    let statement = named.get(text);
    if (statement === undefined && named.size < PREPARED_MAX) {
      statement = prepared(`weir_queue_${shortDigest(digestOf(text))}`, text);
      named.set(text, statement);
    }
    return { rows: [...(await queryable.query(statement ?? text, values))] };
  },
});

interface Replacing {
  readonly job: JobInsert<Payload>;
  readonly delivery: Delivery;
  readonly db: Db;
}

/** A try of a delivery, with its queue. */
interface SilentJob {
  readonly name: string;
  readonly id: string;
  readonly retryCount: number;
}

class PgBossTransport implements Transport {
  readonly name = 'pg-boss';
  readonly #boss: PgBoss;
  readonly #options: PgBossTransportOptions;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #closed = new AbortController();
  readonly #services: PgBossService[] = [];
  /** A run of thousands of goals is cancelled at once. */
  readonly #cancel = createGroup<Delivery, boolean>((deliveries) => this.#cancelAll(deliveries), {
    itemsMax: SENT_TOGETHER_MAX,
    isSafeToSplit: (error) => classifyError(error) !== 'infrastructure',
  });
  #onLost: (delivery: Delivery) => void = () => undefined;
  #timers: readonly NodeJS.Timeout[] = [];
  /** Since when every look succeeded: after an outage of the database all workers seem silent. */
  #reachableSinceMs: number | undefined;

  constructor(boss: PgBoss, options: PgBossTransportOptions) {
    this.#boss = boss;
    this.#options = options;
  }

  async prepare(labels: readonly string[]): Promise<void> {
    for (const label of labels) await this.#queueOf(label);
  }

  async submit(deliveries: readonly Delivery[]): Promise<void> {
    for (const [label, some] of groupBy(deliveries, (each) => each.label))
      await this.#submitTo(await this.#queueOf(label), some, { tx: this.#options.database, stays: true });
  }

  async submitIn(tx: Queryable, deliveries: readonly Delivery[]): Promise<ReadonlySet<string>> {
    const sent = new Set<string>();
    for (const [label, some] of groupBy(deliveries, (each) => each.label))
      await this.#trySubmitTo(await this.#queueOf(label), some, { tx, sent });
    return sent;
  }

  cancel(delivery: Delivery): Promise<boolean> {
    return this.#cancel(delivery);
  }

  onLost(callback: (delivery: Delivery) => void): void {
    this.#onLost = callback;
    const each = (everyMs: number, work: () => Promise<unknown>): NodeJS.Timeout =>
      setInterval(() => {
        work().catch((error: unknown) => {
          this.#reachableSinceMs = undefined;
          if (!this.#closed.signal.aborted) this.#options.warn('Lost deliveries could not be looked for', error);
        });
      }, everyMs).unref();
    this.#timers = [
      each(LOST_EVERY_MS, async () => {
        await this.#returnSilent();
        await this.#takeDead(callback);
      }),
      each(SUPERVISE_EVERY_MS, () => this.#boss.supervise()),
    ];
  }

  async serve(serving: Serving): Promise<Served> {
    const queues = await Promise.all(serving.labels.map((label) => this.#queueOf(label)));
    const service = new PgBossService({ ...this.#options, boss: this.#boss, queues, serving });
    await service.open();
    this.#services.push(service);
    return service;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#services.map((service) => service.drain()));
    await this.#boss.stop({ graceful: false, close: false });
  }

  async #cancelAll(deliveries: readonly Delivery[]): Promise<readonly boolean[]> {
    const takenBack = new Set<string>();
    for (const [label, some] of groupBy(deliveries, (delivery) => delivery.label)) {
      const queue = await this.#queueOf(label);
      const ids = some.map(({ id }) => id);
      await this.#boss.cancel(queue, ids);
      // Cancelled before they were fetched, so that nobody can fetch them any more.
      for (const { id } of await this.#options.database.query<{ id: string }>(UNBEGUN, [queue, ids])) takenBack.add(id);
    }
    const begun = deliveries.filter(({ id }) => !takenBack.has(id)).map(({ id }) => id);
    await this.#options.database.query('select pg_notify($1, id) from unnest($2::text[]) as id', [
      CANCEL_CHANNEL,
      begun,
    ]);
    return deliveries.map(({ id }) => takenBack.has(id));
  }

  /** What the queue refuses is submitted again by itself, where its error belongs to its attempts alone. */
  async #trySubmitTo(
    queue: string,
    deliveries: readonly Delivery[],
    { tx, sent }: { readonly tx: Queryable; readonly sent: Set<string> },
  ): Promise<void> {
    await tx.query('savepoint submitting');
    try {
      await this.#submitTo(queue, deliveries, { tx, stays: false });
    } catch (error) {
      if (classifyError(error) === 'infrastructure') throw error;
      this.#options.warn('Deliveries could not be sent with the start of their attempts', error);
      await tx.query('rollback to savepoint submitting');
      return;
    }
    for (const { id } of deliveries) sent.add(id);
  }

  async #submitTo(
    queue: string,
    deliveries: readonly Delivery[],
    { tx, stays }: { readonly tx: Queryable; readonly stays: boolean },
  ): Promise<void> {
    const jobs = deliveries.map((delivery) => ({
      id: delivery.id,
      singletonKey: delivery.key,
      priority: delivery.priority,
      data: { delivery: JSON.stringify(delivery), ...(stays ? { stays } : {}) } satisfies Payload,
    }));
    const db = toPreparing(tx);
    const inserted = new Set(await this.#boss.insert(queue, jobs, { returnId: true, db }));
    for (const [index, delivery] of deliveries.entries()) {
      const job = jobs[index];
      if (job !== undefined && !inserted.has(job.id)) await this.#replace(queue, { job, delivery, db });
    }
    await tx.query(ANNOUNCE, [WORK_CHANNEL, queue]);
  }

  /** Takes the place of an earlier attempt of the key, which lost its claim. */
  async #replace(queue: string, { job, delivery, db }: Replacing): Promise<void> {
    for (let tries = 0; tries < REPLACED_MAX; tries++) {
      const [same] = await this.#boss.findJobs(queue, { id: delivery.id, db });
      // An earlier try had stored it.
      if (same !== undefined) return;
      for (const { id, data } of await this.#boss.findJobs<Payload>(queue, { key: delivery.key, db })) {
        if (isLater(toDelivery(data), delivery)) return this.#onLost(delivery);
        await this.#boss.cancel(queue, id, { db });
      }
      if ((await this.#boss.insert(queue, [job], { returnId: true, db }))?.includes(delivery.id)) return;
    }
    this.#onLost(delivery);
  }

  #queueOf(label: string): Promise<string> {
    const queue = queueName(label, this.#options.runtime);
    const known = this.#queues.get(queue);
    if (known !== undefined) return known.then(() => queue);
    const making = untilReached(() => this.#boss.createQueue(queue, QUEUE), this.#closed.signal);
    this.#queues.set(queue, making);
    making.catch(() => this.#queues.delete(queue));
    return making.then(() => queue);
  }

  /** Gives what silent workers have to others. It names the try that it saw, so that a later one is left alone. */
  async #returnSilent(): Promise<void> {
    const { database } = this.#options;
    const silent = await database.query<SilentJob>(SILENT);
    const nowMs = performance.now();
    this.#reachableSinceMs ??= nowMs;
    if (nowMs - this.#reachableSinceMs < SILENT_MS) return;
    for (const [queue, jobs] of groupBy(silent, ({ name }) => name)) {
      await this.#boss.fail(queue, [...jobs], { message: 'its worker went silent' });
      await database.query(ANNOUNCE, [WORK_CHANNEL, queue]);
    }
  }

  async #takeDead(callback: (delivery: Delivery) => void): Promise<void> {
    const jobs = await this.#boss.fetch<Payload>(DEAD, { batchSize: TAKEN_TOGETHER_MAX });
    for (const { data } of jobs) callback(toDelivery(data));
    if (jobs.length > 0) await this.#boss.complete(DEAD, jobs);
  }
}

interface ServiceOptions extends PgBossTransportOptions {
  readonly boss: PgBoss;
  readonly queues: readonly string[];
  readonly serving: Serving;
}

interface Taken {
  readonly job: Job<Payload>;
  readonly queue: string;
  readonly controller: AbortController;
}

/** The loop of a worker: takes as many as there is room for, keeps them alive, and says when they have ended. */
class PgBossService implements Served {
  readonly #options: ServiceOptions;
  readonly #db: Db;
  readonly #taken = new Map<string, Taken>();
  readonly #waiting: Taken[] = [];
  readonly #complete: (taken: Taken) => Promise<undefined>;
  readonly #closed = new AbortController();
  #unlisten: readonly (() => Promise<void>)[] = [];
  #timers: readonly NodeJS.Timeout[] = [];
  #looking: Promise<void> | undefined;
  #looksAgain = false;
  #isDraining = false;
  #whenEmpty: () => void = () => undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#db = toPreparing(options.database);
    this.#complete = createGroup<Taken, undefined>((group) => this.#completeAll(group), {
      itemsMax: SENT_TOGETHER_MAX,
      isSafeToSplit: (error) => classifyError(error) !== 'infrastructure',
    });
  }

  async open(): Promise<void> {
    const { database, queues } = this.#options;
    const own = new Set(queues);
    this.#unlisten = [
      await database.listen(WORK_CHANNEL, (queue) => {
        if (own.has(queue)) this.look();
      }),
      await database.listen(CANCEL_CHANNEL, (id) => this.#abort(id)),
    ];
    this.#timers = [
      setInterval(() => this.look(), LOOK_EVERY_MS),
      setInterval(() => void this.#touch(), TOUCH_EVERY_MS),
    ];
    this.look();
  }

  look(): void {
    this.#startWaiting();
    if (this.#isDraining) return;
    if (this.#looking !== undefined) {
      this.#looksAgain = true;
      return;
    }
    this.#looking = this.#take()
      .catch((error: unknown) => this.#options.warn('The queue of workers could not be read', error))
      .finally(() => {
        this.#looking = undefined;
        if (this.#looksAgain) this.look();
      });
  }

  async drain(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#isDraining = true;
    await this.#looking;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    if (this.#taken.size > 0) await empty;
    this.#closed.abort();
    for (const timer of this.#timers) clearInterval(timer);
    for (const stop of this.#unlisten) await stop().catch(() => undefined);
  }

  async #take(): Promise<void> {
    const { boss, queues } = this.#options;
    this.#looksAgain = false;
    for (const queue of queues) {
      const batchSize = Math.min(this.#wanted(), TAKEN_TOGETHER_MAX);
      if (batchSize <= 0 || this.#isDraining) return;
      const jobs = await boss.fetch<Payload>(queue, { batchSize, db: this.#db });
      for (const job of jobs) {
        const taken = { job, queue, controller: new AbortController() };
        this.#taken.set(job.id, taken);
        this.#waiting.push(taken);
      }
      if (jobs.length === batchSize) this.#looksAgain = true;
    }
    this.#startWaiting();
  }

  #wanted(): number {
    const { room, ahead } = this.#options.serving;
    return room() + ahead() - this.#waiting.length;
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && this.#options.serving.room() > 0) {
      const taken = this.#waiting.shift();
      if (taken !== undefined) void this.#run(taken);
    }
  }

  async #run(taken: Taken): Promise<void> {
    const { job, controller } = taken;
    const { serving } = this.#options;
    // Cancelled while it waited.
    if (!controller.signal.aborted)
      await serving.run(toDelivery(job.data), { controller, isRepeated: isRepeated(job) });
    this.look();
    try {
      await untilReached(() => this.#complete(taken), this.#closed.signal);
    } catch (error) {
      this.#options.warn('The end of a delivery could not be noted; it is delivered again', error);
    }
    this.#taken.delete(job.id);
    if (this.#taken.size === 0) this.#whenEmpty();
  }

  async #completeAll(group: readonly Taken[]): Promise<readonly undefined[]> {
    const { boss } = this.#options;
    for (const [queue, some] of groupBy(group, (taken) => taken.queue)) {
      const jobs = some.map(({ job }) => job);
      const [staying, going] = [jobs.filter(({ data }) => data.stays), jobs.filter(({ data }) => !data.stays)];
      if (staying.length > 0) await boss.complete(queue, staying, undefined, { db: this.#db });
      if (going.length > 0) await boss.deleteJob(queue, going, { db: this.#db });
    }
    return group.map(() => undefined);
  }

  /** Keeps what it has alive; what is no longer its own was cancelled, or given to another worker. */
  async #touch(): Promise<void> {
    try {
      for (const [queue, some] of groupBy(this.#taken.values(), (taken) => taken.queue)) {
        const alive = settledOf(
          await this.#options.boss.touch(
            queue,
            some.map(({ job }) => job),
            { db: this.#db },
          ),
        );
        for (const { job } of some) if (!alive.has(job.id)) this.#abort(job.id);
      }
    } catch (error) {
      this.#options.warn('The heartbeat of a worker failed', error);
    }
  }

  #abort(id: string): void {
    const error = new TaskError('The attempt was cancelled, or is no longer with this worker.', {
      code: 'attempt_aborted',
      class: 'infrastructure',
    });
    this.#taken.get(id)?.controller.abort(error);
  }
}

// Written by `submit`.
const toDelivery = ({ delivery }: Payload): Delivery => JSON.parse(delivery) as Delivery;

/** Ids of the jobs that a command found as they were fetched; the type of the answer leaves them out. */
const settledOf = (answer: CommandResponse): ReadonlySet<unknown> =>
  new Set('settled' in answer && Array.isArray(answer.settled) ? answer.settled : []);

const isRepeated = ({ retryCount }: Job<Payload>): boolean => retryCount > 0;
