import { EngineError } from './errors.ts';

/** How large a run may become; an endless recursion hits one of these limits. */
export interface RunLimits {
  /** All goals of a run, planned and found while it runs. */
  readonly goals: number;
  /** The longest chain of goals in a plan, each an input of the one before. */
  readonly plannedDepth: number;
  /** The longest chain of goals that were found while the run was running, each needed by the one before. */
  readonly foundDepth: number;
}

/**
 * A goal takes a kilobyte while its run is in memory, so a million take a gigabyte. Planning blocks its process: a
 * chain of 100,000 takes about a second. Each found goal costs an attempt, so an endless recursion reaches 10,000
 * within a minute, and one that ends is hardly ever so deep.
 */
export const RUN_LIMITS_DEFAULT: RunLimits = { goals: 1_000_000, plannedDepth: 100_000, foundDepth: 10_000 };

/** How many goals at the end of a chain an error names. */
export const TAIL_LENGTH = 4;

/** The error of a run that would exceed one of its limits; `tail` ends with the goal that is one too many. */
export function limitError(
  limit: keyof RunLimits,
  at: { readonly limits: RunLimits; readonly tail: readonly string[] },
): EngineError {
  const many = at.limits[limit].toLocaleString('en-US');
  const what = {
    goals: `A run may have ${many} goals, and this one asks for more`,
    plannedDepth: `A chain of inputs may be ${many} goals long, and this one is longer`,
    foundDepth: `A chain of goals that are found while a run is running may be ${many} long, and this one is longer`,
  }[limit];
  return new EngineError(
    'run_limit',
    `${what}: … → ${at.tail.join(' → ')}. When one leads to the next without end, end the recursion in their inputs or needs; otherwise raise engine.limits.${limit}.`,
  );
}
