import type { Database } from '#store';
import { TaskError } from '../define/errors.ts';
import { reasonOf, toFailureRecord } from '../define/failure.ts';
import type { Executor, NeedAnswer, Outcome } from '../execute/executor.ts';
import { findLostClaims } from './held-claims.ts';
import { type FromWorker, Mailbox } from './mailbox.ts';
import { workerLost } from './remote.ts';
import type { Delivery, Served, Serving, Transport } from './transport.ts';

export interface ServeDeliveriesOptions {
  readonly database: Database;
  readonly transport: Transport;
  readonly labels: readonly string[];
  /** How many attempts, or batches, it runs at the same time, beside those that wait for needs. */
  readonly slots: number;
  /** The executor of this machine with the code of this digest; called for each delivery. */
  readonly executorOf: (code: string | undefined) => Promise<Executor>;
  readonly warn: (message: string, error: unknown) => void;
}

/** An attempt, or a batch, that this worker runs. */
export interface Running {
  readonly delivery: Delivery;
  readonly since: Date;
}

/** A worker that takes deliveries. */
export interface DeliveryService {
  /** What it runs now. */
  running(): readonly Running[];
  /** How many attempts and batches have ended. */
  ended(): number;
  /** Takes nothing new, and waits until everything has ended; what still runs after the grace is aborted. */
  drain(graceMs: number): Promise<void>;
}

interface Work extends Running {
  readonly controller: AbortController;
  /** Those without an outcome. */
  readonly open: Set<number>;
  /** Needs that it waits for; it has no slot meanwhile. */
  waiting: number;
  /** What it became is known, and being sent. */
  isOver: boolean;
  readonly questions: Map<number, (answer: NeedAnswer) => void>;
}

/**
 * What is taken ahead of the slots is at most the work of this time, and no more than the slots: what comes may take
 * longer than what came, and no worker should keep what another could run.
 */
const AHEAD_MS = 200;
/** How much the newest attempt counts in what attempts take on average. */
const NEWEST_SHARE = 0.1;
const CLAIMS_LOOKED_AT_EVERY_MS = 5_000;
const STOPPED = 'The worker that ran this attempt was stopped.';

/** Serves deliveries until it is drained: runs each with an executor of this machine, and sends what becomes of it. */
export async function serveDeliveries(options: ServeDeliveriesOptions): Promise<DeliveryService> {
  const server = new DeliveryServer(options);
  await server.open();
  return server;
}

class DeliveryServer implements DeliveryService {
  readonly #options: ServeDeliveriesOptions;
  readonly #mailbox: Mailbox;
  readonly #work = new Map<string, Work>();
  #served: Served | undefined;
  #ended = 0;
  /** What attempts take on average, lately; nothing is taken ahead before it is known. */
  #averageMs = Number.POSITIVE_INFINITY;
  #lookingAtClaims: NodeJS.Timeout | undefined;

  constructor(options: ServeDeliveriesOptions) {
    this.#options = options;
    this.#mailbox = new Mailbox(options.database, {
      receive: ({ delivery, message }) => {
        if (message.kind !== 'answer') return;
        const work = this.#work.get(delivery);
        work?.questions.get(message.question)?.(message.answer);
        work?.questions.delete(message.question);
      },
      warn: options.warn,
    });
  }

  async open(): Promise<void> {
    const { transport, labels, slots } = this.#options;
    await this.#mailbox.open();
    this.#lookingAtClaims = setInterval(() => void this.#endWithoutClaim(), CLAIMS_LOOKED_AT_EVERY_MS);
    this.#served = await transport.serve({
      labels,
      room: () => slots - this.#busy(),
      ahead: () => Math.min(slots, Math.floor((slots * AHEAD_MS) / this.#averageMs)),
      run: (delivery, given) => this.#run(delivery, given),
    });
  }

  running(): readonly Running[] {
    return [...this.#work.values()].map(({ delivery, since }) => ({ delivery, since }));
  }

  ended(): number {
    return this.#ended;
  }

  async drain(graceMs: number): Promise<void> {
    const timer = setTimeout(() => {
      const stopped = new TaskError(STOPPED, { code: 'process_ended', class: 'infrastructure' });
      for (const { controller } of this.#work.values()) controller.abort(stopped);
    }, graceMs);
    await this.#served?.drain();
    clearTimeout(timer);
    clearInterval(this.#lookingAtClaims);
    await this.#mailbox.close();
  }

  #busy(): number {
    let busy = 0;
    for (const { waiting, isOver } of this.#work.values()) if (waiting === 0 && !isOver) busy += 1;
    return busy;
  }

  async #run(delivery: Delivery, given: Parameters<Serving['run']>[1]): Promise<void> {
    // The first one may still run, with the same token: only a new attempt keeps the two apart.
    if (given.isRepeated) return this.#sayLost(delivery);
    const work: Work = {
      ...{
        delivery,
        since: new Date(),
        controller: given.controller,
        waiting: 0,
        isOver: false,
        questions: new Map(),
      },
      open: new Set(delivery.assignments.keys()),
    };
    this.#work.set(delivery.id, work);
    try {
      await (delivery.isBatch ? this.#runBatch(work) : this.#runAttempt(work));
    } catch (error) {
      await this.#sayFailed(delivery, error);
    } finally {
      this.#work.delete(delivery.id);
      this.#ended += 1;
    }
  }

  async #runAttempt(work: Work): Promise<void> {
    const { delivery, controller } = work;
    const [assignment] = delivery.assignments;
    if (assignment === undefined) return;
    const executor = await this.#options.executorOf(delivery.code);
    let asked = 0;
    const outcome = await executor.execute(assignment, {
      signal: controller.signal,
      log: (text) => this.#tell(delivery, { kind: 'log', item: 0, text }),
      need: async (goal) => {
        const question = ++asked;
        const answered = new Promise<NeedAnswer>((resolve) => work.questions.set(question, resolve));
        work.waiting += 1;
        this.#served?.look();
        try {
          await this.#send(delivery, { kind: 'need', question, goal, from: this.#mailbox.address });
          return await answered;
        } finally {
          work.waiting -= 1;
        }
      },
    });
    this.#over(work);
    await this.#send(delivery, { kind: 'outcome', outcome });
  }

  async #runBatch(work: Work): Promise<void> {
    const { delivery, controller, open } = work;
    const executor = await this.#options.executorOf(delivery.code);
    const reports: Promise<void>[] = [];
    const end = await executor.executeBatch(delivery.assignments, {
      signal: controller.signal,
      log: (item, text) => this.#tell(delivery, { kind: 'log', item, text }),
      report: (item, outcome) => {
        open.delete(item);
        reports.push(this.#send(delivery, { kind: 'report', item, outcome }));
      },
    });
    this.#over(work);
    await Promise.all(reports);
    await this.#send(delivery, { kind: 'batch-ended', end });
  }

  /** Its slot is free while its outcome is sent. */
  #over(work: Work): void {
    work.isOver = true;
    const tookMs = Date.now() - work.since.getTime();
    const before = Number.isFinite(this.#averageMs) ? this.#averageMs : tookMs;
    // A longer one counts at once.
    this.#averageMs = Math.max(1, tookMs, before + NEWEST_SHARE * (tookMs - before));
    this.#served?.look();
  }

  #sayLost(delivery: Delivery): Promise<void> {
    const error = workerLost();
    return this.#sayEnded(delivery, { kind: 'failed', error, log: '' });
  }

  /** The code of the goal could not be had, or the executor is broken: elsewhere it may run. */
  async #sayFailed(delivery: Delivery, thrown: unknown): Promise<void> {
    this.#options.warn('A delivery could not be run', thrown);
    const said = `The worker could not run it: ${reasonOf(thrown)}`;
    const error = new TaskError(said, { code: 'process_ended', class: 'infrastructure', cause: thrown });
    await this.#sayEnded(delivery, { kind: 'failed', error: toFailureRecord(error), log: '' });
  }

  #sayEnded(delivery: Delivery, outcome: Extract<Outcome, { kind: 'failed' }>): Promise<void> {
    return this.#send(
      delivery,
      delivery.isBatch
        ? { kind: 'batch-ended', end: { error: outcome.error, logs: [] } }
        : { kind: 'outcome', outcome },
    );
  }

  #send(delivery: Delivery, message: FromWorker): Promise<void> {
    return this.#mailbox.send(delivery.sender, { delivery: delivery.id, message });
  }

  /** A log that cannot be sent comes with the outcome. */
  #tell(delivery: Delivery, message: FromWorker): void {
    this.#send(delivery, message).catch(() => undefined);
  }

  /** Its process was given up, or its run was taken over: what it still does is refused. */
  async #endWithoutClaim(): Promise<void> {
    const held = [...this.#work.values()].map((work) => ({
      work,
      claims: [...work.open].flatMap((item) => work.delivery.assignments[item] ?? []),
    }));
    try {
      const lost = await findLostClaims(
        this.#options.database,
        held.flatMap(({ claims }) => claims),
      );
      for (const { work, claims } of held) {
        if (claims.length === 0 || !claims.every(({ key }) => lost.has(key))) continue;
        const message = 'The claim of this attempt was taken over while it ran.';
        work.controller.abort(new TaskError(message, { code: 'claim_lost', class: 'infrastructure' }));
      }
    } catch (error) {
      this.#options.warn('Claims could not be looked at', error);
    }
  }
}
