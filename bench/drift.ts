import { category, type DriftCase, type DriftColumn, number, twelveColumns } from './drift-cases.ts';
import { peersSections } from './drift-peers.ts';
import { type Alarms, countAlarms, countSustained, shareOf } from './drift-verdicts.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { table } from './table.ts';

/** Drift verdicts: false alarms and detection by simulation, and beside what others say of the same windows. */
export const driftSuite: Suite = { name: 'drift', run };

/** Rows of the reference against rows of the window. */
const SIZES: readonly Size[] = [
  [700, 50],
  [700, 100],
  [700, 500],
  [5000, 50],
  [5000, 100],
  [5000, 500],
  [5000, 5000],
];
const SEED = 11;
/** Twelve columns take twelve times as long, and windows with drift need fewer to be told apart. */
const PARTS = { one: 1, twelve: 2, sustained: 8, drifted: 4, twelveDrifted: 8 } as const;
const TWELVE_ROWS_MAX = 6000;
const SUSTAINED = { k: 3, n: 5 } as const;

const SHIFTS: readonly (readonly [string, readonly DriftColumn[]])[] = [
  ['mean + 0.25 σ', [number(0.25)]],
  ['mean + 0.5 σ', [number(0.5)]],
  ['mean + 1 σ', [number(1)]],
  ['10 % of rows to one of 6 categories', [category(6, 0.1)]],
  ['20 %', [category(6, 0.2)]],
  ['40 %', [category(6, 0.4)]],
  ['mean + 0.5 σ in 1 of 12 columns', twelveColumns(0.5)],
  ['mean + 1 σ in 1 of 12', twelveColumns(1)],
];

async function* run(options: BenchOptions): AsyncGenerator<string> {
  options.say('drawing windows without drift');
  yield falseAlarms(options);
  options.say('drawing windows in a row');
  yield sustained(options);
  options.say('drawing windows with drift');
  yield detection(options);
  yield* peersSections(options);
}

type Size = readonly [number, number];
interface Kind {
  readonly title: string;
  readonly columns: readonly DriftColumn[];
}

function countOf({ windows }: BenchOptions, part: keyof typeof PARTS): number {
  return Math.max(1, Math.round(windows / PARTS[part]));
}

/** Undefined where twelve columns would take too long. */
function maybeCase({ title, columns }: Kind, [m, n]: Size, windows: number): DriftCase | undefined {
  return columns.length > 1 && m + n > TWELVE_ROWS_MAX ? undefined : { title, columns, m, n, windows };
}

const rowsOf = (count: number): string => count.toLocaleString('en');
const cell = (alarms: Alarms | undefined): string => (alarms === undefined ? '–' : shareOf(alarms));

function falseAlarms(options: BenchOptions): string {
  const kinds: readonly Kind[] = [
    { title: 'one column of numbers', columns: [number()] },
    { title: 'one of 6 categories', columns: [category(6)] },
    { title: '12 columns', columns: twelveColumns() },
  ];
  const rows = SIZES.map((size) => {
    const counts = kinds.map((kind) => {
      const each = maybeCase(kind, size, countOf(options, kind.columns.length > 1 ? 'twelve' : 'one'));
      return each && countAlarms(each, SEED);
    });
    return [...size.map(rowsOf), ...counts.map((count) => cell(count?.alone)), cell(counts.at(-1)?.usual)];
  });
  const header = ['reference', 'window', ...kinds.map(({ title }) => title), '12 columns, with the floors'];
  return [
    `### Alarms where nothing drifted, of ${countOf(options, 'one')} windows (12 columns: of ${countOf(options, 'twelve')})`,
    'Stated: at most 5 % of the windows, over all columns together. The floors under the effect are in the last column alone.',
    table(header, rows),
  ].join('\n\n');
}

function sustained(options: BenchOptions): string {
  const { k, n } = SUSTAINED;
  const rows = SIZES.flatMap((size) => {
    const each = maybeCase({ title: '12 columns', columns: twelveColumns() }, size, countOf(options, 'sustained'));
    if (each === undefined) return [];
    const found = countSustained(each, { k, n, seed: SEED });
    return [[...size.map(rowsOf), shareOf(found.single), shareOf(found.sustained)]];
  });
  return [
    `### The same in ${k} of ${n} windows against one reference: 12 columns, of ${countOf(options, 'sustained')} references`,
    table(['reference', 'window', 'in the last window', `in ${k} of ${n}`], rows),
  ].join('\n\n');
}

function detection(options: BenchOptions): string {
  const rows = SIZES.map((size) => [
    ...size.map(rowsOf),
    ...SHIFTS.map(([title, columns], at) => {
      const windows = countOf(options, columns.length > 1 ? 'twelveDrifted' : 'drifted');
      const each = maybeCase({ title, columns }, size, windows);
      return cell(each && countAlarms(each, SEED + 1 + at).usual);
    }),
  ]);
  return [
    `### Drift found, of ${countOf(options, 'drifted')} windows (12 columns: of ${countOf(options, 'twelveDrifted')}), with the floors`,
    table(['reference', 'window', ...SHIFTS.map(([title]) => title)], rows),
  ].join('\n\n');
}
