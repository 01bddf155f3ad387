import { TaskError } from '../define/errors.ts';

/** What a goal owns in a sink: everything it wrote there for one of its outputs. */
export interface SinkPlace {
  readonly goal: string;
  readonly output: string;
}

/** Who replaces a place. `token` fences among the writers of one `origin`: the Weir database whose sequence gave it out. */
export interface SinkOwner extends SinkPlace {
  readonly key: string;
  readonly token: string;
  readonly origin: string;
}

/** What says that a place is wholly written, and by which key. Kept in the sink itself. */
export interface SinkMarker {
  readonly key: string;
  readonly rowCount: number;
}

/**
 * A store outside the artifacts, in which a goal owns rows. The engine calls, in this order: `replace`, the task's write,
 * `flush`, `mark`; only then can the goal commit. Passes `test/suites/sink.ts`.
 */
export interface Sink<Writer = unknown> {
  /** Names the store in tasks and manifests. */
  readonly name: string;
  /**
   * Opens the place to one writer at a time; what `work` throws leaves the former rows under the former marker, or no
   * marker at all. Throws `SinkFencedError` when a newer token of the same origin was there before.
   */
  replace<T>(owner: SinkOwner, work: (place: OpenPlace<Writer>) => Promise<T>): Promise<T>;
  /** The markers of places, as the store says now, in the order asked: one question for many. Creates nothing. */
  markers(places: readonly SinkPlace[]): Promise<readonly (SinkMarker | undefined)[]>;
}

/** A place between its opening and its marker. */
export interface OpenPlace<Writer> {
  readonly writer: Writer;
  /** Resolves when all that was written survives a crash of the store; nothing to do where the marker commits with the rows. */
  flush(): Promise<void>;
  /** Makes the rows count, refusing an older token once more. Visible at the latest when `replace` resolves. */
  mark(rowCount: number): Promise<void>;
}

/** A late writer met what its successor had written; its own writes are refused. */
export class SinkFencedError extends TaskError {
  override readonly name = 'SinkFencedError';
  constructor(sink: string, met: { readonly token: string; readonly newer: string }) {
    super(
      `Sink ${sink} refuses the token ${met.token}: this place was written under the newer token ${met.newer}. A late attempt needs no action. If Weir's database was restored from a backup, delete the row from the sink's table of markers and run the goal again.`,
      { code: 'sink_fenced', class: 'infrastructure' },
    );
  }
}
