/**
 * A discrete-event simulation of one scheduler, one PostgreSQL and many workers. Each goal waits until it may be sent, for the
 * scheduler, for the database to take it in, for a free slot, and for the database to commit it; who comes first is served first.
 */

/** What one goal costs, and what workers cost while they do nothing; in milliseconds of processor time. */
export interface Costs {
  /** Of the scheduler's one thread, for a goal. */
  readonly schedulerMs: number;
  /** Of PostgreSQL, until a goal can be taken by a worker. */
  readonly submitMs: number;
  /** Of PostgreSQL, from there until it is committed. */
  readonly commitMs: number;
  /** Of a worker, besides the task itself. */
  readonly workerMs: number;
  /** Of PostgreSQL, for one worker that waits, in a second. */
  readonly idleMsPerSecond: number;
  /** Of PostgreSQL, for one attempt that runs, in a second. */
  readonly runningMsPerSecond: number;
}

export interface Fleet {
  readonly workers: number;
  readonly slotsEach: number;
  /** Cores of the database. */
  readonly databaseCores: number;
  /** How many goals may be sent and not committed at the same time. */
  readonly window: number;
}

export interface Load {
  readonly goalsPerSecond: number;
  /** The share of goals that arrive together, at the beginning of each minute, as schedules do. */
  readonly burstShare: number;
  /** Mean time of a task; times are exponential. */
  readonly taskMs: number;
  readonly seconds: number;
  /** From 0 to 1, the next on each call. */
  readonly random: () => number;
}

export interface Simulated {
  readonly ended: number;
  /** Ended in a second, over the whole time. */
  readonly perSecond: number;
  /** From the arrival of a goal to the start of its task, in milliseconds, by quantile. */
  readonly wait: (quantile: number) => number;
  /** Shares of the time in which each was busy. */
  readonly schedulerBusy: number;
  readonly databaseBusy: number;
  readonly slotsBusy: number;
  /** Goals that had arrived and not ended when the time was over. */
  readonly left: number;
}

const MINUTE_MS = 60_000;

/** Simulates the load over the fleet, from empty queues. */
export function simulate(costs: Costs, fleet: Fleet, load: Load): Simulated {
  const endMs = load.seconds * 1_000;
  const clock = new Clock();
  const slots = fleet.workers * fleet.slotsEach;
  const polls = (fleet.workers * costs.idleMsPerSecond + slots * costs.runningMsPerSecond) / 1_000;
  // What workers ask all the time leaves less of each core for goals.
  const free = Math.max(1e-3, 1 - polls / fleet.databaseCores);
  const scheduler = new Service(clock, 1);
  const database = new Service(clock, fleet.databaseCores);
  const workers = new Service(clock, slots);
  const window = new Places(fleet.window);
  const waits: number[] = [];
  let ended = 0;
  let arrived = 0;
  const enter = (): void => {
    const since = clock.now;
    arrived++;
    const commit = (): void =>
      database.serve(costs.commitMs / free, () => {
        ended++;
        window.give();
      });
    const work = (): void =>
      workers.serve(costs.workerMs + exponential(load.taskMs, load.random), commit, () =>
        waits.push(clock.now - since),
      );
    window.take(() => scheduler.serve(costs.schedulerMs, () => database.serve(costs.submitMs / free, work)));
  };
  scheduleArrivals(clock, { load, endMs, enter });
  clock.runUntil(endMs);
  const sorted = Float64Array.from(waits).sort();
  return {
    ended,
    perSecond: ended / load.seconds,
    wait: (quantile) => sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? 0,
    schedulerBusy: scheduler.busyMs / endMs,
    databaseBusy: Math.min(1, database.busyMs / endMs / fleet.databaseCores + (1 - free)),
    slotsBusy: workers.busyMs / endMs / slots,
    left: arrived - ended,
  };
}

interface Arrivals {
  readonly load: Load;
  readonly endMs: number;
  enter(): void;
}

/** A Poisson process, and bursts at whole minutes. */
function scheduleArrivals(clock: Clock, { load, endMs, enter }: Arrivals): void {
  const { goalsPerSecond, burstShare, random } = load;
  const burst = Math.round((goalsPerSecond * burstShare * MINUTE_MS) / 1_000);
  for (let at = 0; burst > 0 && at < endMs; at += MINUTE_MS)
    clock.at(at, () => {
      for (let index = 0; index < burst; index++) enter();
    });
  const meanMs = 1_000 / (goalsPerSecond * (1 - burstShare));
  const next = (): void => {
    enter();
    clock.at(clock.now + exponential(meanMs, random), next);
  };
  if (Number.isFinite(meanMs)) clock.at(exponential(meanMs, random), next);
}

const exponential = (mean: number, random: () => number): number => -mean * Math.log(1 - random());

/** Servers with one queue: who comes first is served first. */
class Service {
  readonly #clock: Clock;
  readonly #servers: number;
  readonly #queue = new Queue<() => void>();
  #serving = 0;
  busyMs = 0;

  constructor(clock: Clock, servers: number) {
    this.#clock = clock;
    this.#servers = servers;
  }

  serve(ms: number, then: () => void, begin: () => unknown = () => undefined): void {
    const start = (): void => {
      begin();
      this.#serving++;
      this.busyMs += Math.max(0, Math.min(ms, this.#clock.endMs - this.#clock.now));
      this.#clock.at(this.#clock.now + ms, () => {
        this.#serving--;
        this.#queue.shift()?.();
        then();
      });
    };
    if (this.#serving < this.#servers) start();
    else this.#queue.push(start);
  }
}

/** A number of places, each of which one has until it gives it back. */
class Places {
  readonly #queue = new Queue<() => void>();
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  take(then: () => void): void {
    this.#queue.push(then);
    this.#next();
  }

  give(): void {
    this.#free++;
    this.#next();
  }

  #next(): void {
    if (this.#free === 0) return;
    const then = this.#queue.shift();
    if (then === undefined) return;
    this.#free--;
    then();
  }
}

/** First in, first out, in constant time. */
class Queue<T> {
  #items: T[] = [];
  #first = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.#first === this.#items.length) return undefined;
    const item = this.#items[this.#first++];
    if (this.#first > 1_000 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}

/** What is to happen, by its time: a binary heap, with those of the same time in the order in which they were added. */
class Clock {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #works: (() => void)[] = [];
  #count = 0;
  now = 0;
  endMs = Number.POSITIVE_INFINITY;

  at(time: number, work: () => void): void {
    let index = this.#times.length;
    this.#put(index, { time, order: this.#count++, work });
    for (let parent = (index - 1) >> 1; index > 0 && this.#isBefore(index, parent); parent = (index - 1) >> 1) {
      this.#swap(index, parent);
      index = parent;
    }
  }

  runUntil(endMs: number): void {
    this.endMs = endMs;
    for (let time = this.#times[0]; time !== undefined && time < endMs; time = this.#times[0]) {
      this.now = time;
      this.#takeFirst()();
    }
    this.now = endMs;
  }

  #takeFirst(): () => void {
    const [work] = this.#works;
    const last = this.#times.length - 1;
    this.#swap(0, last);
    this.#times.pop();
    this.#orders.pop();
    this.#works.pop();
    for (let index = 0, child = 1; child < last; child = 2 * index + 1) {
      const least = child + 1 < last && this.#isBefore(child + 1, child) ? child + 1 : child;
      if (!this.#isBefore(least, index)) break;
      this.#swap(index, least);
      index = least;
    }
    return work ?? (() => undefined);
  }

  #put(index: number, { time, order, work }: { time: number; order: number; work: () => void }): void {
    this.#times[index] = time;
    this.#orders[index] = order;
    this.#works[index] = work;
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#times[one] ?? 0, this.#times[other] ?? 0];
    return a < b || (a === b && (this.#orders[one] ?? 0) < (this.#orders[other] ?? 0));
  }

  #swap(one: number, other: number): void {
    for (const list of [this.#times, this.#orders, this.#works] as unknown[][]) {
      const kept = list[one];
      list[one] = list[other];
      list[other] = kept;
    }
  }
}
