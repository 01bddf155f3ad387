import type { ActivityHandle, Client, Connection } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { TaskError } from '../define/errors.ts';
import { type Delivery, isLater, type Served, type Serving, type Transport } from './transport.ts';

export interface TemporalTransportOptions {
  readonly address: string;
  readonly namespace: string;
  /** Of a server that asks for one, which is then spoken to by TLS. */
  readonly apiKey: string;
  /** What a worker has to bring itself: only workers of the same one get the deliveries. */
  readonly runtime: string;
  readonly warn: (message: string, error: unknown) => void;
}

/** What the packages of Temporal give, which are installed where this transport is used. */
export interface TemporalPackages {
  readonly client: typeof import('@temporalio/client');
  readonly worker: typeof import('@temporalio/worker');
  readonly activity: typeof import('@temporalio/activity');
}

const ACTIVITY = 'delivery';
const HEARTBEAT_TIMEOUT_MS = 10_000;
const BEAT_EVERY_MS = 2_000;
/** A second worker only says that the first is gone; when it dies too, another does. */
const TRIES_MAX = 5;
const RETRY_AFTER_MS = 100;
const TOOK_LONGEST_MS = 86_400_000;
/** Whoever drains decides how long; the worker of Temporal ends nothing by itself. */
const GRACE = '30 days';
/** Its scale: 1 is the most urgent of five, and 3 the rest. */
const URGENCY = { high: 2, none: 3, low: 4 } as const;

/** A process has one runtime of it, which is set up once. */
let isQuiet = false;

/** Brings deliveries to workers as standalone activities of a Temporal server. */
export async function temporalTransport(
  options: TemporalTransportOptions,
  packages: TemporalPackages,
): Promise<Transport> {
  const { address, apiKey, namespace, warn } = options;
  const { client, worker } = packages;
  if (!isQuiet) {
    isQuiet = true;
    // Else it prints on standard error, a line for each state of a worker.
    const logger = new worker.DefaultLogger('ERROR', ({ message, meta }) => warn(`Temporal: ${message}`, meta?.error));
    worker.Runtime.install({ logger });
  }
  const connection = await client.Connection.connect({ address, ...credentials(apiKey) });
  return new TemporalTransport(options, {
    ...{ packages, connection },
    client: new client.Client({ connection, namespace }),
  });
}

const credentials = (apiKey: string): { readonly tls?: true; readonly apiKey?: string } =>
  apiKey === '' ? {} : { tls: true, apiKey };

interface Opened {
  readonly packages: TemporalPackages;
  readonly connection: Connection;
  readonly client: Client;
}

class TemporalTransport implements Transport {
  readonly name = 'temporal';
  readonly #options: TemporalTransportOptions;
  readonly #opened: Opened;
  readonly #services: TemporalService[] = [];
  readonly #native = new Map<string, Promise<NativeConnection>>();
  #onLost: (delivery: Delivery) => void = () => undefined;
  #isClosed = false;

  constructor(options: TemporalTransportOptions, opened: Opened) {
    this.#options = options;
    this.#opened = opened;
  }

  async submit(deliveries: readonly Delivery[]): Promise<void> {
    await Promise.all(deliveries.map((delivery) => this.#submitOne(delivery)));
  }

  async cancel({ id, key }: Delivery): Promise<boolean> {
    const handle = this.#opened.client.activity.getHandle(key);
    const [given] = await this.#argsOf(handle);
    // Another attempt has its place.
    if (given?.id !== id) return true;
    await handle.cancel('The attempt was cancelled.');
    // One that no worker has ends at once.
    return (await handle.describe()).status === 'CANCELED';
  }

  onLost(callback: (delivery: Delivery) => void): void {
    this.#onLost = callback;
  }

  async serve(serving: Serving): Promise<Served> {
    const { address, apiKey } = this.#options;
    const { worker } = this.#opened.packages;
    const connecting =
      this.#native.get(address) ?? worker.NativeConnection.connect({ address, ...credentials(apiKey) });
    this.#native.set(address, connecting);
    const service = new TemporalService({
      ...{ serving, packages: this.#opened.packages, connection: await connecting },
      ...{ namespace: this.#options.namespace, queueOf: (label: string) => this.#queueOf(label) },
      warn: this.#options.warn,
    });
    await service.open();
    this.#services.push(service);
    return service;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#services.map((service) => service.drain()));
    for (const connecting of this.#native.values()) await connecting.then((each) => each.close());
    await this.#opened.connection.close();
  }

  async #submitOne(delivery: Delivery): Promise<void> {
    const handle = await this.#start(delivery);
    const [given] = await this.#argsOf(handle);
    if (given?.id === delivery.id) return this.#follow(delivery, handle);
    if (given !== undefined && isLater(given, delivery)) return this.#onLost(delivery);
    // That of an attempt that lost its claim.
    await handle.terminate('A later attempt takes its place.').catch(() => undefined);
    this.#follow(delivery, await this.#start(delivery));
  }

  #start(delivery: Delivery): Promise<ActivityHandle> {
    const { key, label, priority, assignments } = delivery;
    return this.#opened.client.activity.start(ACTIVITY, {
      id: key,
      taskQueue: this.#queueOf(label),
      args: [delivery],
      summary: `${assignments[0]?.task ?? ''} of run ${assignments[0]?.runId ?? ''}`,
      startToCloseTimeout: TOOK_LONGEST_MS,
      heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
      idConflictPolicy: 'USE_EXISTING',
      idReusePolicy: 'ALLOW_DUPLICATE',
      retry: { maximumAttempts: TRIES_MAX, initialInterval: RETRY_AFTER_MS },
      priority: { priorityKey: priority > 0 ? URGENCY.high : priority < 0 ? URGENCY.low : URGENCY.none },
    });
  }

  /** The deliveries that the activity under a key was started with. */
  async #argsOf(handle: ActivityHandle): Promise<readonly Delivery[]> {
    const described = await handle.describe({ includeInput: true });
    return (await described.getInput<Delivery[]>()) ?? [];
  }

  /** Activities that ended in any other way than by a worker's word: tried too often, or ended by hand. */
  #follow(delivery: Delivery, handle: ActivityHandle): void {
    handle.result().catch(() => {
      if (!this.#isClosed) this.#onLost(delivery);
    });
  }

  #queueOf(label: string): string {
    return `weir/${this.#options.runtime}/${label}`;
  }
}

interface ServiceOptions {
  readonly serving: Serving;
  readonly packages: TemporalPackages;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly queueOf: (label: string) => string;
  readonly warn: (message: string, error: unknown) => void;
}

/** Workers of Temporal, one for each label, that share the slots of this one. */
class TemporalService implements Served {
  readonly #options: ServiceOptions;
  readonly #waiting = new Set<() => void>();
  #running: Promise<unknown> = Promise.resolve();
  #workers: readonly Worker[] = [];
  #isDraining = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { serving, warn } = this.#options;
    this.#workers = await Promise.all(serving.labels.map((label) => this.#workerOf(label)));
    this.#running = Promise.all(
      this.#workers.map((worker) => worker.run().catch((error: unknown) => warn('A worker of Temporal ended', error))),
    );
  }

  look(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async drain(): Promise<void> {
    if (!this.#isDraining) {
      this.#isDraining = true;
      for (const worker of this.#workers) worker.shutdown();
    }
    await this.#running;
  }

  #workerOf(label: string): Promise<Worker> {
    const { packages, connection, namespace, queueOf } = this.#options;
    const { Worker: TemporalWorker } = packages.worker;
    let reserved = 0;
    return TemporalWorker.create({
      ...{ connection, namespace, taskQueue: queueOf(label), shutdownGraceTime: GRACE },
      activities: { [ACTIVITY]: (delivery: Delivery) => this.#run(delivery) },
      maxHeartbeatThrottleInterval: BEAT_EVERY_MS,
      defaultHeartbeatThrottleInterval: BEAT_EVERY_MS,
      tuner: {
        workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 2 },
        localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
        nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
        activityTaskSlotSupplier: {
          type: 'custom',
          // A permit is held while it asks for a task: one of the slots, for each label.
          reserveSlot: async (_, signal) => {
            await this.#untilRoom(() => this.#options.serving.room() > reserved, signal);
            reserved += 1;
            return {};
          },
          tryReserveSlot: () => null,
          markSlotUsed: () => {
            reserved -= 1;
          },
          releaseSlot: ({ slotInfo }) => {
            if (slotInfo === undefined) reserved -= 1;
            this.look();
          },
        },
      },
    });
  }

  async #run(delivery: Delivery): Promise<void> {
    const { Context, CancelledFailure } = this.#options.packages.activity;
    const context = Context.current();
    const controller = new AbortController();
    const beat = setInterval(() => context.heartbeat(), BEAT_EVERY_MS);
    const abort = (): void => controller.abort(aborted());
    context.cancellationSignal.addEventListener('abort', abort, { once: true });
    try {
      // Another label may have taken the last slot meanwhile.
      await this.#untilRoom(() => this.#options.serving.room() > 0, controller.signal);
      if (!controller.signal.aborted)
        await this.#options.serving.run(delivery, {
          ...{ controller, isRepeated: context.info.attempt > 1 },
        });
    } finally {
      clearInterval(beat);
    }
    if (controller.signal.aborted) throw new CancelledFailure('The attempt was cancelled.');
  }

  /** Resolves at once when the signal aborts. */
  #untilRoom(hasRoom: () => boolean, signal: AbortSignal): Promise<void> {
    if (hasRoom() || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        if (!hasRoom() && !signal.aborted) return;
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

const aborted = (): TaskError =>
  new TaskError('The attempt was cancelled, or is no longer with this worker.', {
    code: 'attempt_aborted',
    class: 'infrastructure',
  });
