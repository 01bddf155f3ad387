import type { Queryable } from '#store';
import type { Assignment } from '../execute/executor.ts';

/** What is carried to a worker: one attempt, or the attempts of one task that run together. */
export interface Delivery {
  /** A UUID of its own for each time that something is sent. */
  readonly id: string;
  /** At most one delivery of a key waits or runs; a later one replaces it. */
  readonly key: string;
  /** Workers that serve this label may run it. */
  readonly label: string;
  /** Higher ones first. */
  readonly priority: number;
  /** The mailbox of the process that waits for the outcome. */
  readonly sender: string;
  /** Digest of the code that runs it; none when all workers have the same. */
  readonly code?: string | undefined;
  readonly assignments: readonly Assignment[];
  readonly isBatch: boolean;
}

/** Whether an attempt of the same key came after that of another delivery, and so has its claim. */
export const isLater = (delivery: Delivery, other: Delivery): boolean =>
  BigInt(delivery.assignments[0]?.token ?? 0) > BigInt(other.assignments[0]?.token ?? 0);

/** How a worker takes deliveries. */
export interface Serving {
  readonly labels: readonly string[];
  /** How many more it can take now. */
  room(): number;
  /** How many beyond that it is likely to begin soon; a transport may take them already. */
  ahead(): number;
  /**
   * Runs one to its end, and never rejects. `isRepeated`: it was given to a worker before, which went silent. The
   * controller ends it: the transport aborts it when it was cancelled, or given to another worker.
   */
  run(delivery: Delivery, given: { readonly controller: AbortController; readonly isRepeated: boolean }): Promise<void>;
}

/** Takes deliveries for a worker. */
export interface Served {
  /** There may be room now. */
  look(): void;
  /** Takes nothing new; resolves when everything it took has ended. */
  drain(): Promise<void>;
}

/**
 * Brings deliveries to workers. It may deliver twice, and loses nothing: what became of a delivery travels by mail, and
 * claims, retries and schedules are the engine's.
 */
export interface Transport {
  readonly name: string;
  /** One that finds a later attempt of its key is lost: a server that was stopped for long goes on with it. */
  submit(deliveries: readonly Delivery[]): Promise<void>;
  /** Makes what deliveries of these labels need, so that `submitIn` need not; absent where they need nothing. */
  prepare?(labels: readonly string[]): Promise<void>;
  /**
   * Submits in a transaction of Weir's database, and returns the ids of those that are sent when it commits; the others
   * are still to be submitted. Absent where deliveries are kept elsewhere.
   */
  submitIn?(tx: Queryable, deliveries: readonly Delivery[]): Promise<ReadonlySet<string>>;
  /** Whether it was taken back before any worker had it; otherwise the one that has it is told to end it. */
  cancel(delivery: Delivery): Promise<boolean>;
  /** Calls back with each delivery that no worker could end, as often as it was tried, or whose place a later one has. */
  onLost(callback: (delivery: Delivery) => void): void;
  serve(serving: Serving): Promise<Served>;
  close(): Promise<void>;
}
