import path from 'node:path';
import type { Contestant, Heat } from './contestants.ts';
import type { Kind } from './data.ts';
import { describe, heatOf, type Line, OURS, peakOf, processorOf, race, resultTable, secondsOf } from './lines.ts';
import { toParquet } from './parquet.ts';
import { maybePython } from './python.ts';
import { measureRecall, recallTable } from './recall.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, table, times } from './table.ts';
import { memorySection, wholeProcessSection } from './whole-process.ts';

const DUCKDB: Contestant = { title: 'DuckDB only', script: 'duckdb-only' };
/** What we are after at full size; ratios are to ours. */
const GOALS = {
  large:
    'ours ≤ 0.65× of the time of polars and ≤ 0.75× of its processor time (polars ≥ 1.5× and ≥ 1.3× here); pandas + pandera ≥ 12×; Great Expectations ≥ 20×',
  small: 'ours ≤ 2 ms; polars ≥ 2×, Great Expectations ≥ 40×',
  profile: 'ours ≤ 1.9 s from CSV and ≤ 1.4 s from Parquet for 5 M rows, CSV ≤ 1.3× of Parquet; ydata-profiling ≥ 20×',
} as const;
const SMALL_ROWS = 1000;
const SMALL_REPETITIONS = 40;
const SLOW_ROWS = 500_000;
const RECALL = { files: 10, rows: 1000, share: 0.02 } as const;
const SCALING = [1000, 10_000, 100_000, 1_000_000, 5_000_000];
const SCALING_LARGE = 20_000_000;
/** polars refuses a file that has these, whatever it is told. */
const BROKEN_QUOTES: readonly Kind[] = ['text-after-quote', 'unterminated-quote'];

/** Check, split and write, and profile: ours beside the peers. */
export const checkSuite: Suite = { name: 'check', run };

async function* run(options: BenchOptions): AsyncGenerator<string> {
  const python = await maybePython(options);
  const large = await heatOf(options, { rows: options.rows });
  yield await largeSection(options, { large, python });
  yield await smallSection(options, python);
  yield await profileSection(options, { large, python });
  const sizes = [options.rows, ...(options.large ? [SCALING_LARGE] : [])];
  yield await memorySection(options, sizes);
  yield await wholeProcessSection(options, python);
  yield await scalingSection(options);
  yield await recallSection(options);
}

async function largeSection(
  options: BenchOptions,
  { large, python }: { large: Heat; python: string | undefined },
): Promise<string> {
  const { rows } = options;
  const readable = await heatOf(options, { rows, without: BROKEN_QUOTES });
  const slow = await heatOf(options, { rows: Math.min(rows, SLOW_ROWS) });
  const peer = (title: string, script: string): Contestant => ({ title, script, python });
  const quick = [
    { contestant: OURS, heat: large },
    { contestant: DUCKDB, heat: large },
    ...(python === undefined ? [] : [{ contestant: peer('polars expressions', 'polars-expressions'), heat: readable }]),
  ];
  const slowly =
    python === undefined
      ? []
      : [
          { contestant: peer('pandas + pandera', 'pandas-pandera'), heat: large },
          { contestant: peer('polars + pandera', 'polars-pandera'), heat: readable },
          { contestant: peer('Great Expectations', 'great-expectations'), heat: slow },
          ...(slow.file.rows === rows ? [] : [{ contestant: OURS, heat: slow }]),
          // The same in a process that has done it before, as a server has.
          { contestant: peer('Great Expectations', 'great-expectations'), heat: { ...slow, repetitions: 3 } },
          { contestant: OURS, heat: { ...slow, repetitions: 10 } },
        ];
  const lines = [...(await race(options, quick)), ...(await race({ ...options, rounds: 1 }, slowly))];
  return `### Check, split and write: ${describe(large.file)}\n\nGoals: ${GOALS.large}.\n\n${resultTable(lines)}`;
}

async function smallSection(options: BenchOptions, python: string | undefined): Promise<string> {
  const small = { ...(await heatOf(options, { rows: SMALL_ROWS })), repetitions: SMALL_REPETITIONS };
  const readable = await heatOf(options, { rows: SMALL_ROWS, without: BROKEN_QUOTES });
  const peers = [
    { contestant: { title: 'pandas + pandera', script: 'pandas-pandera', python }, heat: small },
    {
      contestant: { title: 'polars expressions', script: 'polars-expressions', python },
      heat: { ...readable, repetitions: SMALL_REPETITIONS },
    },
    {
      contestant: { title: 'Great Expectations', script: 'great-expectations', python },
      heat: { ...small, repetitions: 5 },
    },
  ];
  const lines = await race({ ...options, rounds: 1 }, [
    { contestant: OURS, heat: small },
    { contestant: DUCKDB, heat: small },
    ...(python === undefined ? [] : peers),
  ]);
  const title = `### The same, ${SMALL_ROWS.toLocaleString('en')} rows, warm: median of ${SMALL_REPETITIONS} in one process (Great Expectations: of 5)`;
  return `${title}\n\nGoal: ${GOALS.small}.\n\n${resultTable(lines)}`;
}

async function profileSection(
  options: BenchOptions,
  { large, python }: { large: Heat; python: string | undefined },
): Promise<string> {
  const slow = await heatOf(options, { rows: Math.min(options.rows, SLOW_ROWS) });
  const ydata = { title: 'ydata-profiling minimal', script: 'ydata-profiling', python };
  const profile = (heat: Heat): Heat => ({ ...heat, work: 'profile' });
  const typed = profile({ ...large, file: await toParquet(large.file) });
  const own = await race(options, [
    { contestant: OURS, heat: profile(large) },
    { contestant: OURS, heat: typed },
  ]);
  const peers = [
    { contestant: ydata, heat: typed },
    { contestant: ydata, heat: profile(slow) },
    ...(slow.file.rows === options.rows ? [] : [{ contestant: OURS, heat: profile(slow) }]),
  ];
  const slowly = python === undefined ? [] : await race({ ...options, rounds: 1 }, peers);
  const [csv, parquet] = own.map(({ measured }) => measured);
  const apart = [secondsOf, processorOf].map((measure) => times(measure(csv ?? []) / measure(parquet ?? [])));
  const ratio = `Ours from CSV takes ${apart[0]} of the time that it takes from Parquet with types, ${apart[1]} of its processor time.`;
  return `### Profile\n\nGoals: ${GOALS.profile}.\n\n${resultTable([...own, ...slowly])}\n\n${ratio}`;
}

async function scalingSection(options: BenchOptions): Promise<string> {
  const sizes = [...SCALING.filter((rows) => rows <= options.rows), ...(options.large ? [SCALING_LARGE] : [])];
  const lines: Line[] = [];
  for (const rows of sizes) {
    const heat = { ...(await heatOf(options, { rows })), repetitions: rows <= 100_000 ? 10 : 1 };
    lines.push(...(await race({ ...options, rounds: 1 }, [{ contestant: OURS, heat }])));
  }
  const rows = lines.map(({ heat, measured }) => {
    const seconds = secondsOf(measured);
    return [
      heat.file.rows.toLocaleString('en'),
      duration(seconds),
      `${((seconds / heat.file.rows) * 1e6).toPrecision(3)} µs`,
      `${((processorOf(measured) / heat.file.rows) * 1e6).toPrecision(3)} µs`,
      peakOf(measured),
    ];
  });
  return `### How ours grows\n\n${table(['rows', 'time', 'a row', 'processor time a row', 'peak memory'], rows)}`;
}

async function recallSection({ folder, say }: BenchOptions): Promise<string> {
  say(`precision and recall, ${RECALL.files} files of each kind of error`);
  const recalls = await measureRecall({ ...RECALL, folder: path.join(folder, 'out') });
  const { files, rows, share } = RECALL;
  return `### What the checks find: ${files} files of ${rows.toLocaleString('en')} rows for each kind of error, ${share * 100} % of rows broken\n\n${recallTable(recalls)}`;
}
