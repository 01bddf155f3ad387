import { z } from 'zod';
import { maybeColumnWithRole } from '#contracts';
import { type BlobInput, defineTask, rows, value } from '#engine';
import { type FeatureRow, maybeModelReference, type ServedRow, servedRows, versionOfAlias } from '#ml';
import {
  type DriftReference,
  dataSteps,
  decodeReference,
  filesOfWindow,
  type Judged,
  judgeReplay,
  judgeWindow,
  planWindows,
  predictionSteps,
  type StepRows,
  storeJudged,
} from '#monitor';
import { linesOf, toCountText } from '#store';
import { contractIdentity } from '../contract-identity.ts';
import {
  filesOfChecks,
  type IndexArrivals,
  LOOKBACK_DAYS,
  type SampledRow,
  type SampleFile,
  sampledFile,
} from './index-tasks.ts';
import type { MonitorOptions } from './options.ts';
import { challengeRows, replayRows } from './replay-rows.ts';

/** Windows that one run judges; after a long time without runs the next ones take the rest. */
const WINDOWS_PER_RUN_MAX = 50;
/** Rows of a window that are compared; of more, an even part of them. */
const JUDGED_MAX = 20_000;
/** Predictions of a window that are repeated. */
const REPLAYED_MAX = 200;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const judging = z.object({
  model: z.string(),
  version: z.number(),
  stream: z.enum(['data', 'predictions']),
  from: z.string(),
  to: z.string(),
  rows: z.number(),
  rowsMin: z.number(),
  falseAlarmRate: z.number(),
  contract: z.string(),
  /** The challenger; null without one, and for its own window. */
  challenger: z.number().nullable(),
  /** Files whose rows are in it, and how many. */
  files: z.array(z.object({ file: sampledFile, rows: z.number() })),
});
/** A window that has ended. */
type Window = z.infer<typeof judging>;

/** Lists the windows that have ended and are not judged, of every version, the oldest first. */
export function defineFindWindows(options: MonitorOptions, indexArrivals: IndexArrivals) {
  const { rules } = options;
  return defineTask({
    name: 'find-windows',
    version: '1',
    params: z.object({ run: z.string(), at: z.string() }),
    // Files first, so that what has arrived by now is counted.
    reads: { indexed: indexArrivals },
    outputs: { windows: value<readonly Window[]>() },
    run: async ({ params, skip, log }) => {
      const planned = await endedWindows(options, Date.parse(params.at));
      if (planned.length === 0)
        skip(`no window of ${rules.windowMinutes} minutes has ended since the last one that was judged`);
      const taken = planned.slice(0, WINDOWS_PER_RUN_MAX);
      log(`${toCountText(taken.length, 'window')} to judge, ${planned.length - taken.length} left for the next run`);
      const windows: Window[] = [];
      for (const each of taken) windows.push(await toWindow(options, each));
      return { windows };
    },
  });
}

export type FindWindows = ReturnType<typeof defineFindWindows>;

interface Ended {
  readonly version: number;
  readonly stream: Window['stream'];
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/** Windows of both streams and all versions that have ended, in the order of their ends. */
async function endedWindows(
  { database, model, rules, contract }: MonitorOptions,
  now: number,
): Promise<readonly Ended[]> {
  const stepMs = rules.windowMinutes * MINUTE_MS;
  const arrived = now - rules.latenessMinutes * MINUTE_MS;
  const data = await dataSteps(database, model);
  const isTimed = maybeColumnWithRole(contract, 'time') !== undefined;
  // Where rows have times of their own, only newer rows say that a window has ended, unless nothing comes any more.
  const isIdle = data.arrived === undefined || data.arrived < arrived - stepMs;
  const newest = (data.newest ?? 0) - rules.latenessMinutes * MINUTE_MS;
  const predicted = await predictionSteps(database, {
    ...{ model, stepMs, longestMs: stepMs * rules.mergedMax, since: new Date(now - LOOKBACK_DAYS * DAY_MS) },
  });
  const plan = (
    stream: Window['stream'],
    steps: ReadonlyMap<number, readonly StepRows[]>,
    watermark: number,
  ): Ended[] =>
    [...steps].flatMap(([version, ofVersion]) =>
      planWindows(ofVersion, { stepMs, rowsMin: rules.rowsMin, stepsMax: rules.mergedMax, watermark }).map(
        (window) => ({
          ...{ version, stream, from: window.from, to: window.to, rows: window.rows },
        }),
      ),
    );
  return [
    ...plan('data', data.steps, !isTimed ? arrived : isIdle ? Number.POSITIVE_INFINITY : newest),
    ...plan('predictions', predicted, arrived),
  ].sort((one, other) => one.to - other.to);
}

async function toWindow(options: MonitorOptions, { version, stream, from, to, rows: count }: Ended): Promise<Window> {
  const { database, model, rules, contract } = options;
  const challenger = stream === 'data' ? undefined : await versionOfAlias(database, { model, alias: 'challenger' });
  const bounds = { model, version, from: new Date(from), to: new Date(to) };
  const counts = stream === 'data' ? await filesOfWindow(database, bounds) : [];
  const files = await filesOfChecks(
    options,
    counts.map(({ check }) => check),
  );
  return {
    ...{ model, version, stream, from: bounds.from.toISOString(), to: bounds.to.toISOString(), rows: count },
    ...{ rowsMin: rules.rowsMin, falseAlarmRate: rules.falseAlarmRate, contract: contractIdentity(contract) },
    challenger: challenger === undefined || challenger === version ? null : challenger,
    files: counts.flatMap(({ check, rows: own }) => {
      const file = files.get(check);
      return file === undefined ? [] : [{ file, rows: own }];
    }),
  };
}

/** What became of a window: a verdict, or why there is none. */
export interface Outcome {
  readonly status: 'judged' | 'too-few-rows' | 'no-reference';
  readonly judged: Judged;
}

const NOTHING: Judged = { scores: [], unjudged: [] };

/** Compares the rows of one window with the training of a model version. */
export function defineJudgeWindow(options: MonitorOptions, sampleFile: SampleFile) {
  const { database, artifacts } = options;
  return defineTask({
    name: 'judge-window',
    version: '1',
    params: judging,
    inputs: ({ files }) => ({ samples: files.map(({ file }) => sampleFile.goal(file)) }),
    outputs: { outcome: value<Outcome>() },
    retention: { ageDaysMax: LOOKBACK_DAYS },
    run: async ({ params, inputs, folder, signal }) => {
      const outcome = async (): Promise<Outcome> => {
        if (params.rows < params.rowsMin) return { status: 'too-few-rows', judged: NOTHING };
        const stored = await maybeModelReference(database, artifacts, params);
        if (stored === undefined) return { status: 'no-reference', judged: NOTHING };
        const reference = decodeReference(stored);
        const judged =
          params.stream === 'data'
            ? await judgeData(reference, { options, window: params, samples: inputs.samples })
            : await judgePredictions(reference, { options, window: params, folder, signal });
        return { status: 'judged', judged };
      };
      return { outcome: await outcome() };
    },
  });
}

export type JudgeWindow = ReturnType<typeof defineJudgeWindow>;

function judgingOf({ contract: { columns }, label }: MonitorOptions, { rowsMin, falseAlarmRate }: Window) {
  const sensitive = Object.keys(columns).filter((name) => columns[name]?.sensitive === true);
  return { rowsMin, falseAlarmRate, label, sensitive: new Set(sensitive) };
}

interface Arrived {
  readonly options: MonitorOptions;
  readonly window: Window;
  readonly samples: readonly { readonly sample: BlobInput }[];
}

async function judgeData(reference: DriftReference, { options, window, samples }: Arrived): Promise<Judged> {
  const found: FeatureRow[] = [];
  for (const { sample } of samples) found.push(...(await rowsWithin(await sample.path(), window)));
  return judgeWindow(reference, { rows: thinned(found) }, judgingOf(options, window));
}

async function rowsWithin(sample: string, { from, to }: Window): Promise<readonly FeatureRow[]> {
  const [first, end] = [Date.parse(from), Date.parse(to)];
  const found: FeatureRow[] = [];
  for await (const line of linesOf(sample)) {
    // Written by `sample-file`, and verified by digest.
    const { at, row } = JSON.parse(line) as SampledRow;
    if (at >= first && at < end) found.push(row);
  }
  return found;
}

/** An even part of the rows, where there are very many. */
function thinned(all: readonly FeatureRow[]): readonly FeatureRow[] {
  const stride = Math.ceil(all.length / JUDGED_MAX);
  return stride <= 1 ? all : all.filter((_, index) => index % stride === 0);
}

interface Predicted {
  readonly options: MonitorOptions;
  readonly window: Window;
  readonly folder: string;
  readonly signal: AbortSignal;
}

async function judgePredictions(reference: DriftReference, predicted: Predicted): Promise<Judged> {
  const { options, window } = predicted;
  const served = await servedRows(options.database, {
    ...{ model: window.model, version: window.version, rows: window.rows, rowsMax: JUDGED_MAX },
    ...{ from: new Date(window.from), to: new Date(window.to) },
  });
  const predictions = served.map(({ value: predictedValue, probability }) => ({
    value: predictedValue,
    ...(probability === null ? {} : { probability }),
  }));
  const judging = judgingOf(options, window);
  const judged = judgeWindow(reference, { rows: served.map(({ features }) => features), predictions }, judging);
  const { challenger: version } = window;
  const sample = replayedOf(served);
  const challenge = version === null ? undefined : await challengeRows(sample, { options, window, version });
  const replayed = await replayRows(sample, predicted);
  const found = { ...judged, ...(challenge && { challenge }) };
  if (replayed.length === 0) return found;
  const skew = judgeReplay(replayed, { isHidden: judging.sensitive.has(judging.label) });
  return { ...found, scores: [...judged.scores, skew] };
}

function replayedOf(served: readonly ServedRow[]): readonly ServedRow[] {
  const stride = Math.ceil(served.length / REPLAYED_MAX);
  return served.filter((_, index) => index % stride === 0);
}

interface BeforeSave {
  readonly findWindows: FindWindows;
  readonly judgeWindow: JudgeWindow;
}

/** Stores what was found, window after window, so that each knows in how many of those before it something drifted. */
export function defineSaveDrift({ rules }: MonitorOptions, before: BeforeSave) {
  const { sustainedWindows: k, lastWindows: n, rowsMin } = rules;
  return defineTask({
    name: 'save-drift',
    version: '1',
    params: z.object({ run: z.string(), at: z.string() }),
    inputs: ({ run, at }) => ({ found: before.findWindows.goal({ run, at }) }),
    runtimeInputs: (_, { found }) => ({ outcomes: found.windows.map((window) => before.judgeWindow.goal(window)) }),
    outputs: { saved: rows({ table: 'weir.drift_windows', remove: 'keep' }) },
    run: async ({ inputs: { found, outcomes }, rows: replaceRows, runId, log }) => {
      const results = found.windows.flatMap(({ files, from, to, ...window }, at) => {
        const outcome = outcomes[at]?.outcome;
        if (outcome === undefined) return [];
        const counts = files.map(({ file, rows: own }) => ({ check: file.check, rows: own }));
        return [{ ...window, ...outcome, from: new Date(from), to: new Date(to), files: counts }];
      });
      const saved = await replaceRows('saved', (tx) =>
        storeJudged(tx, results, { sustained: { k, n }, rowsMin, runId, log }),
      );
      return { saved };
    },
  });
}
