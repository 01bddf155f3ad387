import type { AnyTask } from '#engine';
import { defineIndexArrivals, defineListArrivals, defineSampleFile } from './index-tasks.ts';
import type { MonitorOptions } from './options.ts';
import { defineFindWindows, defineJudgeWindow, defineSaveDrift } from './window-tasks.ts';

/** The tasks of monitoring, in the order of the data flow. */
export function monitorTasks(options: MonitorOptions) {
  const listArrivals = defineListArrivals(options);
  const sampleFile = defineSampleFile(options);
  const indexArrivals = defineIndexArrivals(options, { listArrivals, sampleFile });
  const findWindows = defineFindWindows(options, indexArrivals);
  const judgeWindow = defineJudgeWindow(options, sampleFile);
  const saveDrift = defineSaveDrift(options, { findWindows, judgeWindow });
  return { listArrivals, sampleFile, indexArrivals, findWindows, judgeWindow, saveDrift };
}

/** All as the registry takes them. */
export function monitorRegistry(tasks: ReturnType<typeof monitorTasks>): readonly AnyTask[] {
  return Object.values(tasks);
}
