import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Measured, runContestant } from './contestant.ts';
import { category, type DriftColumn, number, twelveColumns } from './drift-cases.ts';
import { type PeerAnswer, type TimedCase, writeWindows } from './drift-files.ts';
import { shareOf } from './drift-verdicts.ts';
import { maybePython, peerScript } from './python.ts';
import type { BenchOptions } from './suite.ts';
import { duration, median, table, times } from './table.ts';

interface Contestant {
  readonly title: string;
  readonly word: string;
}
const OURS: Contestant = { title: 'Weir', word: 'ours' };
const PEERS: readonly Contestant[] = [
  { title: 'Evidently', word: 'evidently' },
  { title: 'NannyML', word: 'nannyml' },
  { title: 'SciPy, p < 0.05 for each column', word: 'scipy' },
];
const SEED = 12;
const REPETITIONS = 5;
/** Of repetitions, this many come before the measured ones. */
const WARM_UP = 1;
const TESTS = { ks: 'Kolmogorov and Smirnov, exact', chi2: 'chi-square', fisher: 'Fisher' } as const;

type Answer = Measured<{ readonly cases: readonly PeerAnswer[] }>;
interface Line {
  readonly contestant: Contestant;
  readonly answer: Answer;
}

/** What Weir and others say of the same windows, and how long it takes. */
export async function* peersSections(options: BenchOptions): AsyncGenerator<string> {
  const python = await maybePython(options, 'requirements-drift.txt');
  const cases = casesOf(options);
  const folder = path.join(options.folder, 'drift');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'cases.json'), JSON.stringify(cases));
  for (const [at, each] of cases.entries()) writeWindows(folder, each, SEED + at);
  const lines: Line[] = [];
  for (const contestant of [OURS, ...(python === undefined ? [] : PEERS)]) {
    options.say(`${contestant.title} judges ${cases.length} cases`);
    const answer = await runContestant<{ readonly cases: readonly PeerAnswer[] }>(
      commandOf(contestant, { python, folder }),
    );
    if (answer !== undefined) lines.push({ contestant, answer });
  }
  yield alarmsSection(cases, lines);
  yield agreementSection(cases, lines);
  yield timeSection(cases, lines);
}

function casesOf({ windows }: BenchOptions): readonly TimedCase[] {
  const cases: readonly (readonly [string, readonly [number, number], readonly DriftColumn[]])[] = [
    ['numbers', [700, 50], [number()]],
    ['numbers', [700, 100], [number()]],
    ['numbers', [700, 300], [number()]],
    ['numbers', [5000, 100], [number()]],
    ['numbers', [5000, 2500], [number()]],
    ['6 categories', [500, 500], [category(6)]],
    ['6 categories', [900, 3000], [category(6)]],
    ['20 categories', [900, 3000], [category(20)]],
    ['12 columns', [700, 100], twelveColumns()],
    ['12 columns', [5000, 100], twelveColumns()],
    ['**drift**: numbers, mean + 0.5 σ', [700, 100], [number(0.5)]],
    ['**drift**: 6 categories, 20 % to one', [700, 100], [category(6, 0.2)]],
    ['**drift**: 12 columns, one mean + 1 σ', [700, 100], twelveColumns(1)],
  ];
  return cases.map(([title, [m, n], columns], at) => {
    const isWide = columns.length > 1;
    const hasDrift = columns.some(({ moved }) => moved > 0);
    return {
      title,
      m,
      n,
      columns,
      windows: Math.max(1, Math.round(windows / (isWide ? 16 : 4))),
      file: `windows-${at}.bin`,
      isCompared: !isWide && !(columns[0]?.kind === 'category' && n < 500),
      repetitions: isWide && !hasDrift ? REPETITIONS + WARM_UP : 0,
    };
  });
}

function commandOf(
  { word }: Contestant,
  { python, folder }: { readonly python: string | undefined; readonly folder: string },
): { readonly command: string; readonly args: readonly string[] } {
  if (word !== OURS.word && python !== undefined) return { command: python, args: [peerScript('drift'), word, folder] };
  const file = fileURLToPath(new URL('./drift-ours.ts', import.meta.url));
  return { command: process.execPath, args: ['--import', 'tsx', '-C', 'weir-source', file, folder] };
}

const sizeOf = ({ m, n }: TimedCase): readonly string[] => [m, n].map((count) => count.toLocaleString('en'));
const titleOf = ({ contestant, answer }: Line): string =>
  `${contestant.title} (${Object.values(answer.versions).join(', ')})`;

function alarmsSection(cases: readonly TimedCase[], lines: readonly Line[]): string {
  const rows = cases.map((each, at) => [
    each.title,
    ...sizeOf(each),
    String(each.windows),
    ...lines.map(({ answer }) => {
      const alarms = answer.cases[at]?.alarms ?? null;
      return alarms === null ? '–' : shareOf({ alarms, windows: each.windows });
    }),
  ]);
  return [
    '### Alarms of each at its defaults, of the same windows',
    'Where nothing drifted every alarm is a false one. –: too few rows of the reference for a threshold.',
    table(['columns', 'reference', 'window', 'windows', ...lines.map(titleOf)], rows),
  ].join('\n\n');
}

function agreementSection(cases: readonly TimedCase[], [ours, ...others]: readonly Line[]): string {
  const rows = cases.flatMap((each, at) => {
    const mine = ours?.answer.cases[at]?.pValues ?? {};
    return others.flatMap(({ contestant, answer }) =>
      Object.entries(answer.cases[at]?.pValues ?? {}).map(([test, values]) => {
        // The keys of our own record.
        const key = test as keyof typeof TESTS;
        const apart = values.map((value, window) => Math.abs(value - (mine[key]?.[window] ?? Number.NaN)));
        return [
          TESTS[key],
          each.title,
          ...sizeOf(each),
          contestant.title.split(',')[0] ?? '',
          Math.max(...apart).toExponential(1),
        ];
      }),
    );
  });
  return [
    '### Largest difference of probabilities, over all windows, where the test is the same',
    'Goal: ≤ 1e-9.',
    table(['test', 'columns', 'reference', 'window', 'beside', 'apart by'], rows),
  ].join('\n\n');
}

function timeSection(cases: readonly TimedCase[], lines: readonly Line[]): string {
  const rows = cases.flatMap((each, at) => {
    if (each.repetitions === 0) return [];
    const timeOf = (line: Line | undefined, of: 'seconds' | 'processorSeconds'): number =>
      median(line?.answer.cases[at]?.[of]?.slice(WARM_UP) ?? []);
    return lines.map((line) => [
      titleOf(line),
      ...sizeOf(each),
      duration(timeOf(line, 'seconds')),
      line === lines[0] ? '' : times(timeOf(line, 'seconds') / timeOf(lines[0], 'seconds')),
      duration(timeOf(line, 'processorSeconds')),
      line === lines[0] ? '' : times(timeOf(line, 'processorSeconds') / timeOf(lines[0], 'processorSeconds')),
    ]);
  });
  return [
    `### Time to judge one window of 12 columns: median of ${REPETITIONS}, warm`,
    table(['who', 'reference', 'window', 'time', 'to ours', 'processor time', 'to ours'], rows),
  ].join('\n\n');
}
