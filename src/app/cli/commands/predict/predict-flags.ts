import type { ProjectFlags } from '../../context.ts';
import type { PipelineRequest } from '../../run-request.ts';
import type { RunSummary } from '../../run-summary.ts';

/** Flags of `weir predict`. */
export interface PredictFlags extends ProjectFlags {
  readonly out?: string;
  readonly modelVersion: string;
  readonly store: boolean;
}

/** How runs are created and waited for, wherever they run. */
export interface Runs {
  readonly start: (request: PipelineRequest) => Promise<{ readonly runId: string }>;
  /** Waits until the run has ended, or the command is interrupted. */
  readonly follow: (runId: string) => Promise<RunSummary>;
}
