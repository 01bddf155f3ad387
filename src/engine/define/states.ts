import type { RunsWhen } from './task.ts';

/** States of a task run. */
export const TASK_RUN_STATES = ['queued', 'running', 'succeeded', 'cached', 'failed', 'cancelled', 'skipped'] as const;
export type TaskRunState = (typeof TASK_RUN_STATES)[number];

/** States of a run. `skipped` is a state of the whole run, with a reason, neither success nor failure. */
export const RUN_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'] as const;
export type RunState = (typeof RUN_STATES)[number];

export const TRIGGERS = ['schedule', 'manual', 'start', 'alert', 'recovery', 'backfill', 'retry'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** Why a task run has no outputs. `skipped` by itself or for another's skip; the others also when it was skipped for them. */
export type Cause = 'failed' | 'cancelled' | 'skipped';

/**
 * What the end of a need means for the task run: its outputs are read, it reads as undefined, or the task run is
 * skipped.
 */
export type Effect = 'read' | 'undefined' | 'skipped';

/** The truth table of `docs/states.md`, which the tests parse and compare with this. */
export function effectOf(rule: RunsWhen, cause: Cause | undefined): Effect {
  if (cause === undefined) return 'read';
  switch (rule) {
    case 'all-succeeded':
      return 'skipped';
    case 'none-failed':
      return cause === 'skipped' ? 'undefined' : 'skipped';
    case 'all-ended':
      return 'undefined';
    default:
      return rule satisfies never;
  }
}

const RANKS: Readonly<Record<Cause, number>> = { skipped: 1, cancelled: 2, failed: 3 };

/** The worse of two causes. The worse one is passed on, so that the order in which needs end does not matter. */
export const isWorse = (cause: Cause, than: Cause | undefined): boolean =>
  than === undefined || RANKS[cause] > RANKS[than];

/** The worst cause: no other need can change it. */
export const isWorst = (cause: Cause): boolean => cause === 'failed';

/** The state of a run whose task runs have all ended. */
export function runStateOf(
  counts: Readonly<Record<'failed' | 'cancelled', number>>,
  asked: readonly { readonly state: TaskRunState }[],
): RunState {
  if (counts.failed > 0) return 'failed';
  if (counts.cancelled > 0) return 'cancelled';
  if (asked.length > 0 && asked.every((node) => node.state === 'skipped')) return 'skipped';
  return 'succeeded';
}
