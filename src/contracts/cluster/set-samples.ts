import type { SqlEngine, SqlWork } from '#store';
import type { Flag } from '../check/flags.ts';
import { FILE, ROW } from '../spark/spark-dialect.ts';
import { SAMPLES_MAX } from '../sweep/samples.ts';
import { rawName, type SetColumns } from './set-columns.ts';
import { flagColumns, hasAny, isFlagged } from './set-flags.ts';

/** A row that violates something. */
export interface SetSample {
  /** The number of its file among those of the set, from 0. */
  readonly file: number;
  /** Its number in the file, from 0. */
  readonly row: number;
  readonly cells: readonly string[];
}

/** So many rows are read to find the first that violate each expectation; what few rows violate is then asked for alone. */
const ROWS_READ = 1000;
const ROUNDS_MAX = 4;

interface Asked extends Pick<SetColumns, 'header'> {
  readonly from: string;
  /** By bit, how many rows violate it. */
  readonly violating: (flag: Flag) => number;
  readonly work: SqlWork;
}

/** The first rows that violate each flag, by its bit. */
export async function firstViolations(
  engine: SqlEngine,
  flags: readonly Flag[],
  { header, from, violating, work }: Asked,
): Promise<ReadonlyMap<number, readonly SetSample[]>> {
  const found = new Map<number, SetSample[]>();
  const lacking = (flag: Flag): boolean => (found.get(flag.bit)?.length ?? 0) < Math.min(SAMPLES_MAX, violating(flag));
  for (let round = 0, open = flags.filter(lacking); open.length > 0 && round < ROUNDS_MAX; round++) {
    const masks = flagColumns(flags);
    const columns = [FILE, ROW, ...header.names.map((_, position) => rawName(position)), ...masks];
    const rows = await engine.all<Readonly<Record<string, string | number | null>>>(
      `select ${columns.join(', ')} from ${from} where ${hasAny(open)} order by ${FILE}, ${ROW} limit ${ROWS_READ}`,
      work,
    );
    // An earlier round may have found some of them already.
    for (const flag of open) found.set(flag.bit, []);
    for (const row of rows) {
      const set = masks.map((name) => Number(row[name]));
      const cells = header.names.map((_, position) => String(row[rawName(position)] ?? ''));
      const sample = { file: Number(row[FILE]), row: Number(row[ROW]), cells };
      for (const flag of open)
        if (isFlagged(set, flag) && (found.get(flag.bit)?.length ?? 0) < SAMPLES_MAX) found.get(flag.bit)?.push(sample);
    }
    open = flags.filter(lacking);
  }
  return new Map([...found].filter(([, samples]) => samples.length > 0));
}
