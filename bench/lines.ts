import path from 'node:path';
import type { Measured } from './contestant.ts';
import { type Contestant, compete, type Heat } from './contestants.ts';
import { type GeneratedFile, generateCsv, type Kind } from './data.ts';
import type { BenchOptions } from './suite.ts';
import { duration, median, table, times } from './table.ts';

export const OURS: Contestant = { title: 'Weir', script: 'ours' };

/** A contestant over a file, and what was measured of it. */
export interface Line {
  readonly contestant: Contestant;
  readonly heat: Heat;
  readonly measured: readonly Measured[];
}

/** Every contestant once a round, one after the other, so that what else the machine does meets them alike. */
export async function race(
  options: BenchOptions,
  entries: readonly Omit<Line, 'measured'>[],
): Promise<readonly Line[]> {
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

export function resultTable(lines: readonly Line[]): string {
  const rows = lines
    .filter(({ measured }) => measured.length > 0)
    .map((line) => {
      const { contestant, heat, measured } = line;
      const ours = lines.find(
        (other) =>
          other.contestant === OURS && other.heat.file.rows === heat.file.rows && formatOf(other) === formatOf(line),
      );
      const versions = Object.values(measured[0]?.versions ?? {}).join(', ');
      return [
        `${contestant.title} (${versions})`,
        `${heat.file.rows.toLocaleString('en')}${formatOf(line)}`,
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

/** Ours from CSV and from Parquet are in one table, and so are new and warm processes: that stands beside the rows. */
const formatOf = ({ heat }: Line): string =>
  `${heat.file.path.endsWith('.parquet') ? ', Parquet' : ''}${heat.repetitions > 1 ? ', warm' : ''}`;

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

export const secondsOf = (measured: readonly Measured[]): number => median(measured.flatMap(({ seconds }) => seconds));
export const processorOf = (measured: readonly Measured[]): number =>
  median(measured.flatMap(({ processorSeconds }) => processorSeconds));

function spread(measured: readonly Measured[]): string {
  const seconds = measured.flatMap((one) => one.seconds);
  if (seconds.length < 2) return '';
  return ` (${duration(Math.min(...seconds))}–${duration(Math.max(...seconds))})`;
}

export function peakOf(measured: readonly Measured[]): string {
  const peak = Math.max(...measured.map(({ peakBytes }) => peakBytes));
  return peak > 0 ? `${(peak / 1e6).toFixed(0)} MB` : '–';
}

export function describe({ rows, sizeBytes }: GeneratedFile): string {
  return `${rows.toLocaleString('en')} rows × 7 columns (${(sizeBytes / 1e6).toFixed(0)} MB), 12 expectations, 1 % broken`;
}

export async function heatOf(options: BenchOptions, of: { rows: number; without?: readonly Kind[] }): Promise<Heat> {
  const file = await generateCsv({ ...of, folder: path.join(options.folder, 'data') });
  return { work: 'check', file, folder: path.join(options.folder, 'out'), repetitions: 1 };
}
