import path from 'node:path';
import { maybeLstat, type Queryable } from '#store';
import { dataFiles } from '../data-files.ts';

const LISTED_MAX = 200;

/** A file in raw-data. */
export interface WaitingFile {
  readonly file: string;
  readonly sizeBytes: number;
  readonly changedAt: Date;
  /** The run that ingests it; null while it waits. */
  readonly runId: string | null;
}

/** The files of raw-data, newest first, at most 200 of them; `count` is the number of all. */
export async function listWaiting(
  queryable: Queryable,
  folder: string,
): Promise<{ readonly files: readonly WaitingFile[]; readonly count: number }> {
  const names = await dataFiles(folder);
  const claims = await queryable.query<{ path: string; run: string }>(
    'select path, run_id::text as run from arrivals where ended_at is null',
  );
  const runs = new Map(claims.map(({ path: file, run }) => [file, run]));
  const found = await Promise.all(
    names.map(async (file) => ({ file, stats: await maybeLstat(path.join(folder, file)) })),
  );
  const files = found.flatMap(({ file, stats }) =>
    stats === undefined
      ? []
      : [
          {
            file,
            sizeBytes: Number(stats.size),
            changedAt: new Date(Number(stats.mtimeMs)),
            runId: runs.get(file) ?? null,
          },
        ],
  );
  files.sort((a, b) => b.changedAt.getTime() - a.changedAt.getTime());
  return { files: files.slice(0, LISTED_MAX), count: files.length };
}

/** How many files wait in raw-data. */
export async function countWaiting(folder: string): Promise<number> {
  return (await dataFiles(folder)).length;
}
