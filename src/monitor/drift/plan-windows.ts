/*
 * Windows of event time. A window is one step long, such as an hour, when that many minutes have rows enough. With fewer rows
 * it is merged with the steps that follow, because a verdict on a day is worth more than none on each of its hours; at the
 * longest window it ends with too few rows, so that a quiet stream does not wait for ever. A window ends behind the watermark:
 * the newest event time minus the lateness that is allowed. Steps without rows belong to no window, unless they lie within one.
 */

/** Rows by the step that they belong to. */
export interface StepRows {
  /** Start of the step, in milliseconds. */
  readonly at: number;
  readonly rows: number;
}

export interface PlannedWindow {
  /** Included. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  readonly rows: number;
}

export interface WindowRules {
  readonly stepMs: number;
  readonly rowsMin: number;
  /** Steps of the longest window. */
  readonly stepsMax: number;
  /** Up to it no row is expected any more. */
  readonly watermark: number;
}

/** Start of the step that a moment belongs to; steps are counted from 1970. */
export const startOfStep = (at: number, stepMs: number): number => Math.floor(at / stepMs) * stepMs;

/** The windows of these steps that have ended; a step in a window or before the newest one is not among `steps`. */
export function planWindows(
  steps: readonly StepRows[],
  { stepMs, rowsMin, stepsMax, watermark }: WindowRules,
): readonly PlannedWindow[] {
  const windows: PlannedWindow[] = [];
  let open: PlannedWindow | undefined;
  const end = (window: PlannedWindow): void => {
    windows.push(window);
    open = undefined;
  };
  const longest = (from: number): number => from + stepsMax * stepMs;
  for (const { at, rows } of [...steps].sort((one, other) => one.at - other.at)) {
    if (at + stepMs > watermark) break;
    if (open !== undefined && at >= longest(open.from)) end({ ...open, to: longest(open.from) });
    open = { from: open?.from ?? at, to: at + stepMs, rows: (open?.rows ?? 0) + rows };
    if (open.rows >= rowsMin) end(open);
  }
  if (open !== undefined && longest(open.from) <= watermark) end({ ...open, to: longest(open.from) });
  return windows;
}
