import {
  type BackfillReport,
  backfill,
  type Interval,
  type IntervalStatus,
  previewBackfill,
  type Schedule,
} from '#engine';
import { toCountText } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { OpenedEngine } from '../../../serve/start-engine.ts';
import type { OpenedProject } from '../../../serve/start-project.ts';
import { schedulesOf } from '../../../serve/wire.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { type CommandChange, thenOnRecord } from '../../on-record.ts';

export interface BackfillFlags extends ProjectFlags {
  readonly from: Date;
  readonly to: Date;
  readonly dryRun?: boolean;
  readonly concurrency?: number;
}

/** Runs the needed intervals of a span of time, or with `dryRun` lists them. */
export function backfillPipeline(pipeline: string, options: InProject<BackfillFlags>): Promise<number> {
  const { from, to } = options;
  const spanIn = (project: OpenedProject): Span => ({ from, to, schedule: scheduleOf(pipeline, project) });
  return options.dryRun
    ? withProject('project', options, (project) => preview(project, { ...options, span: spanIn(project) }))
    : withProject('engine', options, (project) => fill(project, { ...options, span: spanIn(project) }));
}

interface Span {
  readonly schedule: Schedule;
  readonly from: Date;
  readonly to: Date;
}

interface Filling extends InProject<BackfillFlags> {
  readonly span: Span;
}

async function preview({ wiring }: OpenedProject, { span, json, print, show }: Filling): Promise<number> {
  const intervals = await show('Looking at the intervals', (report) =>
    previewBackfill(wiring, { ...span, onInspected: (inspected, all) => report(inspected / all) }),
  );
  const needed = intervals.filter(isNeeded).length;
  print(
    json
      ? `${JSON.stringify({ pipeline: span.schedule.pipeline, intervals, needed })}\n`
      : `${intervals.map(statusLine).join('')}${needed} of ${toCountText(intervals.length, 'interval')} would be run\n`,
  );
  return EXIT_CODES.done;
}

async function fill(
  { wiring, engine, signal }: OpenedEngine,
  { span, json, concurrency, print, show }: Filling,
): Promise<number> {
  const { pipeline } = span.schedule;
  const filled = await show(`Backfilling ${pipeline}`, (report) =>
    thenOnRecord(wiring.database, recordedAs(span), () =>
      backfill(
        { ...wiring, engine },
        {
          ...{ ...span, signal, concurrency },
          onProgress: ({ needed, ended }) => report(needed === 0 ? 1 : ended / needed),
        },
      ),
    ),
  );
  print(json ? `${JSON.stringify({ pipeline, ...filled })}\n` : toText(filled));
  if (signal.aborted) return EXIT_CODES.interrupted;
  const isWhole = filled.left === 0 && filled.runs.every(({ state }) => state === 'succeeded' || state === 'skipped');
  return isWhole ? EXIT_CODES.done : EXIT_CODES.failed;
}

const recordedAs = ({ schedule, from, to }: Span): CommandChange<BackfillReport> => ({
  ...{ action: 'weir backfill', target: `pipeline=${schedule.pipeline}` },
  isChange: ({ runs }) => runs.length > 0,
  toAfter: ({ runs }) => ({ from, to, runs: runs.map(({ runId, state }) => ({ runId, state })) }),
});

function toText({ before, runs, elsewhere, left }: BackfillReport): string {
  const lines = runs.map(
    ({ interval, runId, state, reason }) =>
      `  ${state.padEnd(9)}  run ${runId}  ${spanText(interval)}${reason === null ? '' : `: ${reason}`}\n`,
  );
  const rest = [
    `${before.length - before.filter(isNeeded).length} complete, running or stale`,
    ...(elsewhere === 0 ? [] : [`${elsewhere} done by others meanwhile`]),
    ...(left === 0 ? [] : [`${left} not started`]),
  ];
  return `${lines.join('')}${toCountText(runs.length, 'run')} over ${toCountText(before.length, 'interval')}; ${rest.join(', ')}\n`;
}

const isNeeded = ({ state }: IntervalStatus): boolean => state === 'incomplete' || state === 'unknown';
const statusLine = ({ interval, state, reason }: IntervalStatus): string =>
  `  ${state.padEnd(10)}  ${spanText(interval)}${reason === null ? '' : `: ${reason}`}\n`;
const spanText = ({ from, to }: Interval): string => `${from.toISOString()} – ${to.toISOString()}`;

function scheduleOf(pipeline: string, { wiring: { config, pipelines } }: OpenedProject): Schedule {
  const schedules = schedulesOf(config, pipelines);
  const found = schedules.find((schedule) => schedule.pipeline === pipeline);
  if (found !== undefined) return found;
  const names = schedules.map((schedule) => schedule.pipeline).join(', ') || 'there is none';
  throw new UsageError(
    'schedule_unknown',
    `Expected a pipeline that runs on a schedule, whose ticks cut time into intervals (${names}); got ${pipeline}. Set schedules.${pipeline} in config/.`,
  );
}
