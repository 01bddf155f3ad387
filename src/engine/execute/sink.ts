import { TaskError } from '../define/errors.ts';

/** A place in a sink: all rows that a goal wrote there for one of its outputs. */
export interface SinkPlace {
  /** Identity of the goal that owns the rows. */
  readonly goal: string;
  /** Name of the output of the task. */
  readonly output: string;
}

/** The writer of a place. `token` fences the writers of one `origin`: the Weir database whose sequence issued it. */
export interface SinkOwner extends SinkPlace {
  /** Key of the result that is being written. */
  readonly key: string;
  /** A number that grows with each writer of the origin. */
  readonly token: string;
  /** The Weir database that issued the token. */
  readonly origin: string;
}

/** Records that a place is completely written, and for which key. Stored in the sink itself. */
export interface SinkMarker {
  /** Key of the result that the rows are. */
  readonly key: string;
  /** How many rows there are. */
  readonly rowCount: number;
}

/**
 * A store outside the artifacts, in which a goal owns rows. The engine calls, in this order: `replace`, the task's
 * write,
 * `flush`, `mark`; only then can the goal commit. Passes `test/suites/sink.ts`.
 */
export interface Sink<Writer = unknown> {
  /** Names the store in tasks and manifests. */
  readonly name: string;
  /**
   * Opens the place to one writer at a time; when `work` throws, the former rows stay under the former marker, or there
   * is no marker. Throws `SinkFencedError` when a newer token of the same origin was there before.
   */
  replace<T>(owner: SinkOwner, work: (place: OpenPlace<Writer>) => Promise<T>): Promise<T>;
  /** The present markers of places, in the order requested: one query for many. Creates nothing. */
  markers(places: readonly SinkPlace[]): Promise<readonly (SinkMarker | undefined)[]>;
}

/** A place that is being written. */
export interface OpenPlace<Writer> {
  /** What the task writes with; a transaction in SQL sinks. */
  readonly writer: Writer;
  /**
   * Resolves when all that was written survives a crash of the store; a no-op where the marker commits with the rows.
   */
  flush(): Promise<void>;
  /**
   * Writes the marker, which makes the rows valid; refuses an older token once more. Visible at the latest when
   * `replace` resolves.
   */
  mark(rowCount: number): Promise<void>;
}

/** A late writer found the rows of its successor; its own writes are refused. */
export class SinkFencedError extends TaskError {
  /** For messages. */
  override readonly name = 'SinkFencedError';
  constructor(sink: string, met: { readonly token: string; readonly newer: string }) {
    super(
      `Sink ${sink} refuses the token ${met.token}: this place was written under the newer token ${met.newer}. A late attempt needs no action. If Weir's database was restored from a backup, delete the row from the sink's table of markers and run the goal again.`,
      { code: 'sink_fenced', class: 'infrastructure' },
    );
  }
}
