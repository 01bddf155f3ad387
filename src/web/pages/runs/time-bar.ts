interface Span {
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** Where a task run lies within its run, in percent; undefined when it has not started. */
export function toTimeBar(
  taskRun: Span,
  run: Span,
  nowMs: number,
): { readonly left: number; readonly width: number } | undefined {
  if (taskRun.startedAt === null || run.startedAt === null) return undefined;
  const runStart = Date.parse(run.startedAt);
  const runEnd = run.endedAt === null ? nowMs : Date.parse(run.endedAt);
  const total = Math.max(runEnd - runStart, 1);
  const start = clamp(((Date.parse(taskRun.startedAt) - runStart) / total) * 100);
  const end = clamp((((taskRun.endedAt === null ? nowMs : Date.parse(taskRun.endedAt)) - runStart) / total) * 100);
  return { left: start, width: Math.max(end - start, 0) };
}

function clamp(percent: number): number {
  return Math.min(Math.max(percent, 0), 100);
}
