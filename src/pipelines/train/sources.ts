import path from 'node:path';
import { z } from 'zod';
import { PipelineError } from '../errors.ts';

const lastDays = z.number().positive().max(36_500).nullable();

export const trainingSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    /** Which kind of source it is. */
    kind: z.literal('sql'),
    /** Name of a connection in the settings. */
    connection: z.string().min(1),
    /** File with the query, relative to the project. */
    sql: z.string().min(1),
    /** Days back from the training, or null for all rows. */
    lastDays,
  }),
  z.strictObject({
    /** Which kind of source it is. */
    kind: z.literal('files'),
    /** Files and folders, relative to the project. */
    paths: z.array(z.string().min(1)).min(1),
    /** Days back from the training, or null for all rows. */
    lastDays,
  }),
  z.strictObject({
    /** Which kind of source it is. */
    kind: z.literal('good-data'),
    /** Days back from the training, or null for all rows. */
    lastDays,
  }),
]);

/** Where rows to train on come from; made by `fromSql`, `fromFiles` and `fromGoodData`. */
export type TrainingSource = z.infer<typeof trainingSourceSchema>;

/** Which rows of a source are taken. */
export interface WindowOptions {
  /**
   * Takes rows of the last days only: by the column with role `time`, or, where the contract has none, by when the file
   * was placed. All rows when absent.
   */
  readonly lastDays?: number;
}

/** A query over a connection. */
export interface SqlOptions extends WindowOptions {
  /** Name of a connection in the configuration. */
  readonly connection: string;
  /** File with one query, relative to the project: `sql/houses.sql`. It is run again by each training. */
  readonly sql: string;
}

/**
 * Trains on the rows of a query.
 *
 * @example training: fromSql({ connection: 'warehouse', sql: 'sql/houses.sql' })
 */
export function fromSql({ connection, sql, lastDays: days }: SqlOptions): TrainingSource {
  return parsed({ kind: 'sql', connection, sql, lastDays: days ?? null });
}

/**
 * Trains on files (CSV, Parquet, NDJSON; CSV and NDJSON also gzipped), or on all data files of a folder. Paths are relative
 * to the project.
 *
 * @example training: fromFiles('data/houses.csv')
 */
export function fromFiles(paths: string | readonly string[], { lastDays: days }: WindowOptions = {}): TrainingSource {
  return parsed({ kind: 'files', paths: typeof paths === 'string' ? [paths] : paths, lastDays: days ?? null });
}

/**
 * Trains on what arrived and passed the check: the files of `good-data`, with labels from the files themselves or those
 * that came later. Rows without a label wait.
 *
 * @example training: [fromFiles('data/history.csv'), fromGoodData({ lastDays: 90 })]
 */
export function fromGoodData({ lastDays: days }: WindowOptions = {}): TrainingSource {
  return parsed({ kind: 'good-data', lastDays: days ?? null });
}

function parsed(source: unknown): TrainingSource {
  const found = trainingSourceSchema.safeParse(source);
  if (found.success) return found.data;
  throw new PipelineError(
    'project_invalid',
    `A source of training data is invalid: ${z.prettifyError(found.error)}. Correct it in project.ts.`,
  );
}

/** For people: `data/houses.csv, last 90 days`. */
export function describeSource(source: TrainingSource): string {
  const days = source.lastDays === null ? '' : `, last ${source.lastDays} days`;
  switch (source.kind) {
    case 'sql':
      return `${path.basename(source.sql)} over ${source.connection}${days}`;
    case 'files':
      return `${source.paths.join(', ')}${days}`;
    case 'good-data':
      return `good-data${days}`;
    default:
      return source satisfies never;
  }
}
