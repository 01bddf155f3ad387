/** States of a task run. */
export const TASK_RUN_STATES = ['queued', 'running', 'succeeded', 'cached', 'failed', 'cancelled', 'skipped'] as const;
export type TaskRunState = (typeof TASK_RUN_STATES)[number];

/** States of a run. `skipped` is a state of the whole run, with a reason, neither success nor failure. */
export const RUN_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'] as const;
export type RunState = (typeof RUN_STATES)[number];

export const TRIGGERS = ['schedule', 'manual', 'start', 'alert', 'recovery', 'backfill', 'retry'] as const;
export type Trigger = (typeof TRIGGERS)[number];
