import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Measured, runContestant } from './contestant.ts';
import type { CodeFigures, GraphFigures, LatencyFigures, PlannerFigures } from './engine-figures.ts';
import { maybePython, peerScript } from './python.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, quantile, table, times } from './table.ts';

/** A graph of no-ops: ours beside the peers, and what the engine does at its edges. */
export const engineSuite: Suite = { name: 'engine', run };

const GOALS = {
  graph:
    'cold ≥ 5,000 goals/s, warm ≥ 50,000 goals/s; redun and Luigi ≥ 10×, Prefect and Dagster ≥ 100×, at the same number of goals',
  planner: '≥ 200,000 goals/s',
  latency: 'decision ≤ 5 ms at the 99th percentile, whatever is blocked beside it; memory ≤ 1 KB a goal',
  code: 'first build of 50 tasks ≤ 1 s',
} as const;

/** How many goals each peer can stand within some minutes; what Luigi takes for each grows with their number. */
const PEERS: readonly { title: string; script: string; goals: number; words?: readonly string[] }[] = [
  { title: 'redun', script: 'engine-redun', goals: 1_000 },
  { title: 'Luigi', script: 'engine-luigi', goals: 1_000 },
  { title: 'Luigi', script: 'engine-luigi', goals: 10_000 },
  { title: 'Luigi, files not flushed', script: 'engine-luigi', goals: 1_000, words: ['plain'] },
  { title: 'Prefect', script: 'engine-prefect', goals: 1_000 },
  { title: 'Dagster', script: 'engine-dagster', goals: 1_000 },
];
const GROWTH = [1_000, 10_000, 100_000];
const GROWTH_LARGE = 1_000_000;
const SHAPES = [
  { title: 'fan-in', work: 'fan-in', text: 'one goal that reads all others' },
  { title: 'chain', work: 'chain', text: 'each goal reads the one before' },
  { title: 'lattice', work: 'lattice', text: 'each goal reads two, and is read by two' },
] as const;
const TASKS_TO_BUILD = 50;

/** Sizes are scaled by `--goals`, so that the suite can be tried in seconds. */
async function* run(options: BenchOptions): AsyncGenerator<string> {
  const python = await maybePython(options, 'requirements-engine.txt');
  const sizes = [...GROWTH.map((size) => scaled(options, size)), ...(options.large ? [GROWTH_LARGE] : [])];
  const ours = new Map<number, Measured<GraphFigures>>();
  for (const size of sizes) {
    const measured = await measure<GraphFigures>(options, { work: 'flat', size });
    if (measured !== undefined) ours.set(size, measured);
  }
  yield await peersSection(options, { ours, python });
  yield growthSection(ours);
  yield await shapesSection(options);
  yield await plannerSection(options);
  yield await latencySection(options);
  yield await codeSection(options);
}

const scaled = (options: BenchOptions, size: number): number =>
  Math.max(1, Math.round((size * options.goals) / 100_000));

async function measure<T extends object>(
  options: BenchOptions,
  of: { readonly work: string; readonly size: number },
): Promise<Measured<T> | undefined> {
  const file = fileURLToPath(new URL('./engine-ours.ts', import.meta.url));
  // As `npm start` sets it: a run of many goals leaves less for the collector to copy.
  const args = [
    '--max-semi-space-size=64',
    '--expose-gc',
    '--import',
    'tsx',
    '-C',
    'weir-source',
    file,
    of.work,
    String(of.size),
    options.folder,
  ];
  options.say(`Weir, ${of.work}, ${of.size.toLocaleString('en')}`);
  return runContestant<T>({ command: process.execPath, args });
}

async function peersSection(
  options: BenchOptions,
  { ours, python }: { readonly ours: ReadonlyMap<number, Measured<GraphFigures>>; readonly python: string | undefined },
): Promise<string> {
  const rows = [...ours].map(([size, measured]) => [
    `Weir, ${size.toLocaleString('en')}`,
    ...graphCells(measured),
    '',
    '',
  ]);
  for (const peer of python === undefined ? [] : PEERS) {
    const size = scaled(options, peer.goals);
    options.say(`${peer.title}, ${size.toLocaleString('en')}`);
    const folder = mkdtempSync(path.join(options.folder, 'out', `${peer.script}-`));
    const measured = await runContestant<GraphFigures>({
      command: python ?? '',
      args: [peerScript(peer.script), String(size), folder, ...(peer.words ?? [])],
    });
    rmSync(folder, { recursive: true });
    if (measured === undefined) continue;
    const same = ours.get(size);
    const version = Object.values(measured.versions).join(', ');
    rows.push([
      `${peer.title} ${version}, ${size.toLocaleString('en')}`,
      ...graphCells(measured),
      times(measured.cold.seconds / (same?.cold.seconds ?? Number.NaN)),
      times(measured.warm.seconds / (same?.warm.seconds ?? Number.NaN)),
      times(measured.cold.processorSeconds / (same?.cold.processorSeconds ?? Number.NaN)),
    ]);
  }
  const header = [
    'who, goals',
    'cold',
    'goals/s',
    'processor, a goal',
    'warm',
    'goals/s',
    'processor, a goal',
    'peak memory',
  ];
  return `### Independent no-ops\n\nGoals: ${GOALS.graph}.\n\n${table([...header, 'cold to ours', 'warm to ours', 'processor, cold, to ours'], rows)}`;
}

function graphCells({ goals, cold, warm, peakBytes }: Measured<GraphFigures>): readonly string[] {
  return [
    ...[cold, warm].flatMap(({ seconds, processorSeconds }) => [
      duration(seconds),
      rate(goals / seconds),
      micro(processorSeconds / goals),
    ]),
    megabytes(peakBytes),
  ];
}

function growthSection(ours: ReadonlyMap<number, Measured<GraphFigures>>): string {
  const rows = [...ours.values()].map(({ goals, cold, warm, diskBytes = Number.NaN, peakBytes }) => [
    goals.toLocaleString('en'),
    micro(cold.seconds / goals),
    micro(cold.processorSeconds / goals),
    micro(warm.seconds / goals),
    micro(warm.processorSeconds / goals),
    `${Math.round(diskBytes / goals).toLocaleString('en')} B`,
    megabytes(peakBytes),
  ]);
  const header = ['goals', 'cold, a goal', 'processor', 'warm, a goal', 'processor', 'database, a goal', 'peak memory'];
  return `### How ours grows\n\n${table(header, rows)}`;
}

async function shapesSection(options: BenchOptions): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const { title, work, text } of SHAPES) {
    const found = await measure<GraphFigures>(options, { work, size: scaled(options, 10_000) });
    if (found === undefined) continue;
    const { goals, cold, warm } = found;
    rows.push([
      `${title}: ${text}`,
      goals.toLocaleString('en'),
      ...[cold, warm].flatMap(({ seconds, processorSeconds }) => [
        duration(seconds),
        rate(goals / seconds),
        micro(processorSeconds / goals),
      ]),
    ]);
  }
  return `### Shapes\n\n${table(['shape', 'goals', ...['cold', 'warm'].flatMap((run) => [run, 'goals/s', 'processor, a goal'])], rows)}`;
}

async function plannerSection(options: BenchOptions): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const shape of ['flat', 'fan-in', 'chain', 'lattice']) {
    const found = await measure<PlannerFigures>(options, { work: `plan-${shape}`, size: scaled(options, 100_000) });
    if (found === undefined) continue;
    const { goals, seconds, processorSeconds } = found;
    rows.push([
      shape,
      goals.toLocaleString('en'),
      duration(seconds),
      rate(goals / seconds),
      micro(processorSeconds / goals),
    ]);
  }
  return `### The planner alone, in memory\n\nGoal: ${GOALS.planner}.\n\n${table(['shape', 'goals', 'time', 'goals/s', 'processor, a goal'], rows)}`;
}

async function latencySection(options: BenchOptions): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const blocked of [0, scaled(options, 5_000), scaled(options, 50_000)]) {
    const found = await measure<LatencyFigures>(options, { work: 'latency', size: blocked });
    if (found === undefined) continue;
    const at = (values: readonly number[]): string[] =>
      [0.5, 0.99].map((share) => duration(quantile(values, share) / 1000));
    const memory = blocked === 0 ? '' : `${Math.round(found.heapBytesPerGoal).toLocaleString('en')} B`;
    rows.push([found.blocked.toLocaleString('en'), ...at(found.decisionMs), ...at(found.startMs), memory]);
  }
  const header = [
    'blocked beside it',
    'decision, median',
    '99 %',
    'next attempt starts, median',
    '99 %',
    'memory, a goal',
  ];
  return `### A ready goal beside blocked ones\n\nGoals: ${GOALS.latency}.\n\n${table(header, rows)}`;
}

async function codeSection(options: BenchOptions): Promise<string> {
  const found = await measure<CodeFigures>(options, { work: 'code', size: TASKS_TO_BUILD });
  const rows =
    found === undefined
      ? []
      : [[String(found.tasks), ...[found.firstSeconds, found.changedSeconds, found.unchangedSeconds].map(duration)]];
  const header = ['tasks', 'first build', 'one file changed', 'nothing changed'];
  return `### Code of a project, built and fingerprinted\n\nGoal: ${GOALS.code}.\n\n${table(header, rows)}`;
}

const rate = (perSecond: number): string => Math.round(perSecond).toLocaleString('en');
const micro = (seconds: number): string => `${(seconds * 1e6).toPrecision(3)} µs`;
const megabytes = (bytes: number): string => (bytes === 0 ? 'unknown' : `${Math.round(bytes / 1e6)} MB`);
