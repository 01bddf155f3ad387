import { TaskError } from '../define/errors.ts';

/** A late writer met what its successor had written; its own writes are refused. */
export class SinkFencedError extends TaskError {
  override readonly name = 'SinkFencedError';
  constructor(sink: string, met: { readonly token: string; readonly newer: string }) {
    super(
      `Sink ${sink} refuses the token ${met.token}: this place was written under the newer token ${met.newer}. A late attempt needs no action. If Weir's database was restored from a backup, delete the row from the sink's table of markers and run the goal again.`,
      { class: 'infrastructure' },
    );
  }
}
