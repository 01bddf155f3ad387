import { randomUUID } from 'node:crypto';
import { createGroup, type Database, type Queryable } from '#store';
import { EngineError, TaskError } from '../define/errors.ts';
import { classifyError, type FailureRecord, reasonOf, toFailureRecord } from '../define/failure.ts';
import type {
  Assignment,
  BatchEnd,
  BatchExecution,
  ExecutionContext,
  Executor,
  NeedAnswer,
  Outbox,
  Outcome,
} from '../execute/executor.ts';
import { type FromWorker, Mailbox, type WorkerQuestion } from './mailbox.ts';
import type { Delivery, Transport } from './transport.ts';
import { untilReached } from './until-reached.ts';

export interface RemoteExecutorOptions {
  readonly database: Database;
  readonly transport: Transport;
  /** All labels that tasks have. */
  readonly labels: readonly string[];
  /** The label of workers that may run a task. */
  readonly labelOf: (task: string) => string;
  /** Digest of the code that workers run; none when they all have it. */
  readonly code?: string | undefined;
  /** How many attempts may be with workers, or on the way to them, at the same time. */
  readonly slots: number;
  /** How many attempts may wait for needs beyond the slots. */
  readonly suspendedMax?: number;
  /** How long the outcome of an aborted attempt is waited for: its worker may be gone. */
  readonly abortWaitMs?: number;
  readonly warn?: (message: string, error: unknown) => void;
}

/** A delivery that is with a worker, or on the way to one. */
interface Pending {
  readonly delivery: Delivery;
  hear(message: FromWorker): void;
  lost(error: FailureRecord): void;
}

/** What was sent in a transaction: a worker may have ended it before the transaction's answer is here. */
class SentEarly implements Pending {
  readonly delivery: Delivery;
  readonly #heard: ((pending: Pending) => void)[] = [];

  constructor(delivery: Delivery) {
    this.delivery = delivery;
  }

  hear(message: FromWorker): void {
    this.#heard.push((pending) => pending.hear(message));
  }

  lost(error: FailureRecord): void {
    this.#heard.push((pending) => pending.lost(error));
  }

  /** Says again what was heard. */
  tell(pending: Pending): void {
    for (const say of this.#heard) say(pending);
  }
}

interface Sending<R> {
  readonly assignments: readonly Assignment[];
  readonly isBatch: boolean;
  readonly signal: AbortSignal;
  /** The result, when the message holds it. */
  hear(message: FromWorker, answer: (question: WorkerQuestion) => void): R | undefined;
  /** The result without a worker's; `last` is what a worker still said after the abort. */
  fail(error: FailureRecord, last: R | undefined): R;
}

const SUBMITTED_TOGETHER_MAX = 500;
const SUSPENDED_MAX_DEFAULT = 32;
/** Transports keep whole numbers of 32 bits. */
const PRIORITY_MAX = 1_000_000_000;
const ABORT_WAIT_MS_DEFAULT = 10_000;
const WORKER_LOST = 'The worker that ran this attempt went silent: it was killed, or cut off from the database.';

/** What is said of an attempt whose worker is gone. */
export const workerLost = (): FailureRecord =>
  toFailureRecord(new TaskError(WORKER_LOST, { code: 'process_ended', class: 'infrastructure' }));

/**
 * Runs attempts in `weir worker` processes on any number of machines. Outcomes, logs, reports and needs come by mail;
 * the transport brings work to workers and notices dead ones.
 */
export async function remoteExecutor(options: RemoteExecutorOptions): Promise<Executor> {
  const executor = new RemoteExecutor(options);
  await executor.open();
  return executor;
}

class RemoteExecutor implements Executor {
  readonly name: string;
  readonly slots: number;
  readonly suspendedMax: number;
  readonly outbox: Outbox | undefined;
  readonly #options: RemoteExecutorOptions;
  readonly #mailbox: Mailbox;
  readonly #pending = new Map<string, Pending>();
  /** By key and token. */
  readonly #early = new Map<string, SentEarly>();
  readonly #submit: (delivery: Delivery) => Promise<undefined>;
  readonly #closed = new AbortController();

  constructor(options: RemoteExecutorOptions) {
    const { database, transport, slots, suspendedMax = SUSPENDED_MAX_DEFAULT } = options;
    const { warn = (message: string, error: unknown) => process.emitWarning(`${message}: ${reasonOf(error)}`) } =
      options;
    this.#options = options;
    this.name = transport.name;
    this.slots = slots;
    this.suspendedMax = suspendedMax;
    this.outbox = transport.submitIn === undefined ? undefined : { send: (tx, sent) => this.#sendIn(tx, sent) };
    this.#mailbox = new Mailbox(database, {
      // Of an attempt that is over, or of a process that had this database before.
      receive: ({ delivery, message }) => {
        if (message.kind !== 'answer') this.#pending.get(delivery)?.hear(message);
      },
      warn,
    });
    this.#submit = createGroup<Delivery, undefined>(
      async (deliveries) => {
        await transport.submit(deliveries);
        return deliveries.map(() => undefined);
      },
      { itemsMax: SUBMITTED_TOGETHER_MAX, isSafeToSplit: (error) => classifyError(error) !== 'infrastructure' },
    );
  }

  async open(): Promise<void> {
    const { labels, transport } = this.#options;
    await transport.prepare?.(labels);
    await this.#mailbox.open();
    transport.onLost(({ id }) => this.#pending.get(id)?.lost(workerLost()));
  }

  execute(assignment: Assignment, context: ExecutionContext): Promise<Outcome> {
    let streamed = '';
    return this.#send<Outcome>({
      assignments: [assignment],
      isBatch: false,
      signal: context.signal,
      hear: (message, answer) => {
        if (message.kind === 'need') answer(message);
        if (message.kind === 'log') {
          streamed = message.text;
          context.log?.(streamed);
        }
        return message.kind === 'outcome' ? message.outcome : undefined;
      },
      // One that succeeded in the last moment has succeeded.
      fail: (error, last) =>
        last?.kind === 'succeeded' ? last : { kind: 'failed', error, log: last?.log ?? streamed },
      need: context.need,
    });
  }

  executeBatch(assignments: readonly Assignment[], context: BatchExecution): Promise<BatchEnd> {
    const streamed = assignments.map(() => '');
    const reported = new Set<number>();
    return this.#send<BatchEnd>({
      assignments,
      isBatch: true,
      signal: context.signal,
      hear: (message) => {
        if (message.kind === 'log') {
          streamed[message.item] = message.text;
          context.log?.(message.item, message.text);
        }
        if (message.kind === 'report' && !reported.has(message.item)) {
          reported.add(message.item);
          streamed[message.item] = '';
          context.report(message.item, message.outcome);
        }
        return message.kind === 'batch-ended' ? message.end : undefined;
      },
      fail: (error, last) => ({ error, logs: last?.logs ?? streamed }),
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const closing = toFailureRecord(new EngineError('engine_closed', 'This executor is closed.'), 'infrastructure');
    for (const { lost } of [...this.#pending.values()]) lost(closing);
    await this.#mailbox.close();
    await this.#options.transport.close();
  }

  /** Hears what becomes of them from now on: the first outcome may come with the answer to the commit. */
  async #sendIn(tx: Queryable, assignments: readonly Assignment[]): Promise<() => void> {
    const deliveries = assignments.map((each) => this.#toDelivery({ assignments: [each], isBatch: false }));
    const forget = ({ id, assignments: [first] }: Delivery): void => {
      this.#pending.delete(id);
      this.#early.delete(placeOf(first));
    };
    for (const delivery of deliveries) {
      const early = new SentEarly(delivery);
      this.#pending.set(delivery.id, early);
      this.#early.set(placeOf(delivery.assignments[0]), early);
    }
    try {
      const sent = await this.#options.transport.submitIn?.(tx, deliveries);
      for (const delivery of deliveries) if (sent?.has(delivery.id) !== true) forget(delivery);
    } catch (error) {
      deliveries.forEach(forget);
      throw error;
    }
    return () => deliveries.forEach(forget);
  }

  async #send<R>(sending: Sending<R> & { readonly need?: ExecutionContext['need'] }): Promise<R> {
    const { signal, need } = sending;
    const place = placeOf(sending.assignments[0]);
    const early = this.#early.get(place);
    this.#early.delete(place);
    if (this.#closed.signal.aborted) throw new EngineError('engine_closed', 'This executor is closed.');
    if (signal.aborted && early === undefined) return sending.fail(toFailureRecord(signal.reason), undefined);
    const delivery = early?.delivery ?? this.#toDelivery(sending);
    const asked = new Set<number>();
    const answer = ({ question, goal, from }: WorkerQuestion): void => {
      if (need === undefined || asked.has(question)) return;
      asked.add(question);
      void need(goal)
        .catch((error: unknown): NeedAnswer => ({ kind: 'refused', reason: reasonOf(error), isError: true }))
        .then((given) =>
          this.#mailbox.send(from, { delivery: delivery.id, message: { kind: 'answer', question, answer: given } }),
        )
        // The mailbox was closed: nobody waits for the attempt any more.
        .catch(() => undefined);
    };
    const ended = new Promise<R>((resolve) => {
      const pending: Pending = {
        delivery,
        hear: (message) => {
          const result = sending.hear(message, answer);
          if (result !== undefined) resolve(result);
        },
        lost: (error) => resolve(sending.fail(error, undefined)),
      };
      this.#pending.set(delivery.id, pending);
      early?.tell(pending);
    });
    try {
      return await this.#untilEnded(sending, { delivery, ended, isSent: early !== undefined });
    } finally {
      this.#pending.delete(delivery.id);
    }
  }

  async #untilEnded<R>(
    sending: Sending<R>,
    { delivery, ended, isSent }: { readonly delivery: Delivery; readonly ended: Promise<R>; readonly isSent: boolean },
  ): Promise<R> {
    const { signal } = sending;
    let abort: () => void = () => undefined;
    const aborted = new Promise<'aborted'>((resolve) => {
      abort = () => resolve('aborted');
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
    });
    try {
      if (!isSent) await untilReached(() => this.#submit(delivery), AbortSignal.any([signal, this.#closed.signal]));
      const first = await Promise.race([ended, aborted]);
      return first === 'aborted' ? await this.#abort(sending, { delivery, ended }) : first;
    } catch (error) {
      return sending.fail(signal.aborted ? toFailureRecord(signal.reason) : toFailureRecord(error), undefined);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Takes the delivery back, or has its worker end it, and waits for what that worker says. */
  async #abort<R>(
    sending: Sending<R>,
    { delivery, ended }: { readonly delivery: Delivery; readonly ended: Promise<R> },
  ): Promise<R> {
    const { transport, abortWaitMs = ABORT_WAIT_MS_DEFAULT } = this.#options;
    const error = toFailureRecord(sending.signal.reason);
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, abortWaitMs, undefined);
    });
    // A worker that cannot be told finds out by its next heartbeat.
    const takenBack = transport.cancel(delivery).then(
      (isTakenBack) => (isTakenBack ? undefined : Promise.race([ended, waited])),
      () => Promise.race([ended, waited]),
    );
    const last = await Promise.race([takenBack, ended]);
    clearTimeout(timer);
    return sending.fail(error, last);
  }

  #toDelivery({ assignments, isBatch }: Pick<Sending<unknown>, 'assignments' | 'isBatch'>): Delivery {
    const [first] = assignments;
    const { labelOf, code } = this.#options;
    return {
      id: randomUUID(),
      key: isBatch ? `batch ${first?.key} ${first?.token}` : (first?.key ?? ''),
      label: labelOf(first?.task ?? ''),
      priority: Math.trunc(Math.max(-PRIORITY_MAX, Math.min(first?.priority ?? 0, PRIORITY_MAX))),
      sender: this.#mailbox.address,
      code,
      assignments,
      isBatch,
    };
  }
}

const placeOf = (assignment: Assignment | undefined): string => `${assignment?.key} ${assignment?.token}`;
