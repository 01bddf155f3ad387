import path from 'node:path';
import type { Measured } from './contestant.ts';
import { type Contestant, compete, type Heat } from './contestants.ts';
import { type GeneratedFile, generateCsv, type Kind } from './data.ts';
import { toParquet } from './parquet.ts';
import { maybePython } from './python.ts';
import { measureRecall, recallTable } from './recall.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, median, table, times } from './table.ts';

const OURS: Contestant = { title: 'Weir', script: 'ours' };
const DUCKDB: Contestant = { title: 'DuckDB only', script: 'duckdb-only' };
/** What we are after at full size; ratios are to ours. */
const GOALS = {
  large: 'DuckDB only ≥ 0.77×, pandas + pandera ≥ 3×, Great Expectations ≥ 50×; our peak memory ≤ 1.2 GB',
  small: 'ours ≤ 15 ms',
  profile: 'ours ≤ 2 s for 5 M rows; ydata-profiling ≥ 50×',
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
  yield await scalingSection(options);
  yield await recallSection(options);
}

interface Line {
  readonly contestant: Contestant;
  readonly heat: Heat;
  readonly measured: readonly Measured[];
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
  const entries = [
    { contestant: OURS, heat: { ...large, work: 'profile' as const } },
    ...(python === undefined ? [] : [{ contestant: ydata, heat: { ...slow, work: 'profile' as const } }]),
    ...(slow.file.rows === options.rows ? [] : [{ contestant: OURS, heat: { ...slow, work: 'profile' as const } }]),
  ];
  const fromCsv = resultTable(await race({ ...options, rounds: 1 }, entries));
  const typed = { ...large, work: 'profile' as const, file: await toParquet(large.file) };
  const contestants = python === undefined ? [OURS] : [OURS, ydata];
  const fromParquet = resultTable(
    await race(
      { ...options, rounds: 1 },
      contestants.map((contestant) => ({ contestant, heat: typed })),
    ),
  );
  return `### Profile\n\nGoals: ${GOALS.profile}.\n\nFrom Parquet with types:\n\n${fromParquet}\n\nFrom CSV:\n\n${fromCsv}`;
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

/** Every contestant once a round, one after the other, so that what else the machine does meets them alike. */
async function race(options: BenchOptions, entries: readonly Omit<Line, 'measured'>[]): Promise<readonly Line[]> {
  const found = entries.map((): Measured[] => []);
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, { contestant, heat }] of entries.entries()) {
      const measured = await compete(contestant, heat);
      const took =
        measured === undefined
          ? 'failed'
          : `${duration(median(measured.seconds))}, of processors ${duration(processorOf([measured]))}`;
      options.say(`${contestant.title}, ${heat.work}, ${heat.file.rows.toLocaleString('en')} rows: ${took}`);
      if (measured !== undefined) found[index]?.push(measured);
    }
  }
  return entries.map((entry, index) => ({ ...entry, measured: found[index] ?? [] }));
}

function resultTable(lines: readonly Line[]): string {
  const rows = lines
    .filter(({ measured }) => measured.length > 0)
    .map((line) => {
      const { contestant, heat, measured } = line;
      const ours = lines.find((other) => other.contestant === OURS && other.heat.file.rows === heat.file.rows);
      const versions = Object.values(measured[0]?.versions ?? {}).join(', ');
      return [
        `${contestant.title} (${versions})`,
        heat.file.rows.toLocaleString('en'),
        `${duration(secondsOf(measured))}${spread(measured)}`,
        ratio(line, ours, secondsOf),
        duration(processorOf(measured)),
        ratio(line, ours, processorOf),
        peakOf(measured),
        ...whereabouts(line),
      ];
    });
  const header = [
    'who',
    'rows',
    'time',
    'to ours',
    'processor time',
    'to ours',
    'peak memory',
    'rows lost',
    'broken rows called good',
  ];
  return table(header, rows);
}

function ratio(line: Line, ours: Line | undefined, measure: (measured: readonly Measured[]) => number): string {
  if (ours === undefined || line.contestant === OURS) return '';
  return times(measure(line.measured) / measure(ours.measured));
}

/** Rows that are nowhere, and broken rows that are among the good ones. */
function whereabouts({ heat, measured }: Line): readonly string[] {
  const rows = measured[0]?.rows;
  if (rows === undefined) return ['', ''];
  const broken = Object.values(heat.file.errors).reduce((sum, count) => sum + count, 0);
  const lost = heat.file.rows - rows.good - rows.bad - rows.rejected;
  const found = rows.bad + rows.rejected + lost;
  // Among lost rows nobody can tell the broken from the sound.
  return [lost.toLocaleString('en'), lost > 0 ? 'unknown' : Math.max(0, broken - found).toLocaleString('en')];
}

const secondsOf = (measured: readonly Measured[]): number => median(measured.flatMap(({ seconds }) => seconds));
const processorOf = (measured: readonly Measured[]): number =>
  median(measured.flatMap(({ processorSeconds }) => processorSeconds));

function spread(measured: readonly Measured[]): string {
  const seconds = measured.flatMap((one) => one.seconds);
  if (seconds.length < 2) return '';
  return ` (${duration(Math.min(...seconds))}–${duration(Math.max(...seconds))})`;
}

function peakOf(measured: readonly Measured[]): string {
  const peak = Math.max(...measured.map(({ peakBytes }) => peakBytes));
  return peak > 0 ? `${(peak / 1e6).toFixed(0)} MB` : '–';
}

function describe({ rows, sizeBytes }: GeneratedFile): string {
  return `${rows.toLocaleString('en')} rows × 7 columns (${(sizeBytes / 1e6).toFixed(0)} MB), 12 expectations, 1 % broken`;
}

async function heatOf(options: BenchOptions, of: { rows: number; without?: readonly Kind[] }): Promise<Heat> {
  const file = await generateCsv({ ...of, folder: path.join(options.folder, 'data') });
  return { work: 'check', file, folder: path.join(options.folder, 'out'), repetitions: 1 };
}
