import type { Queryable } from '#store';
import type { Inbox } from '../folders.ts';
import { localPlaces } from '../places/local-places.ts';

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
  { folder, places = localPlaces }: Omit<Inbox, 'name'>,
): Promise<{ readonly files: readonly WaitingFile[]; readonly count: number }> {
  const seen = await places.look(folder);
  const claims = await queryable.query<{ path: string; run: string }>(
    'select path, run_id::text as run from arrivals where ended_at is null',
  );
  const runs = new Map(claims.map(({ path: file, run }) => [file, run]));
  const files = seen.map(({ name, sizeBytes, modifiedAtMs }) => ({
    ...{ file: name, sizeBytes, changedAt: new Date(modifiedAtMs), runId: runs.get(name) ?? null },
  }));
  files.sort((a, b) => b.changedAt.getTime() - a.changedAt.getTime());
  return { files: files.slice(0, LISTED_MAX), count: files.length };
}

/** How many files wait in raw-data. */
export async function countWaiting({ folder, places = localPlaces }: Omit<Inbox, 'name'>): Promise<number> {
  return (await places.names(folder)).length;
}
